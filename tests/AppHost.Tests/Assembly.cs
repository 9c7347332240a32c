using AppHost.Tests;
using Xunit.Sdk;
using Xunit.v3;

// Every test here starts processes: one after the other, so that they do not compete for the cores.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(PingSystem))]
