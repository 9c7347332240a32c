using AppHost.Tests;

// Every test here starts processes: one after the other, so that they do not compete for two cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(PingSystem))]
