using Xunit.Sdk;
using Xunit.v3;

// The flood measures memory of the whole process: one test after the other.
[assembly: Parallelization(Mode = ParallelMode.None)]
