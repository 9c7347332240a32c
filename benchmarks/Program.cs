using Benchmarks.Startup;

return args switch
{
    ["startup"] => await StartupBenchmark.RunAsync(rounds: 7),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: dotnet run -c Release --project benchmarks -- BENCHMARK

          startup   the built AppHost until everything is healthy, against the same programs started by hand; memory at rest
        """);
    return 2;
}
