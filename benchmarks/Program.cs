using Benchmarks.Publish;
using Benchmarks.Startup;
using Benchmarks.Traffic;

return args switch
{
    [] or ["traffic"] => await TrafficBenchmark.RunAsync(rounds: 5, seconds: 2),
    ["traffic", var only] => await TrafficBenchmark.RunAsync(rounds: 5, seconds: 2, only),
    ["startup"] => await StartupBenchmark.RunAsync(rounds: 7),
    ["publish"] => await PublishBenchmark.RunAsync(rounds: 7),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: dotnet run -c Release --project benchmarks [-- BENCHMARK]

          traffic [NAME]   what a request costs: the gateway against nginx and others, all features, 1 and 1,000 routes (default);
                           with NAME only the rows whose name contains it, and nginx
          startup          the built AppHost until everything is healthy, against the same programs started by hand; memory at rest
          publish          the built AppHost writing all manifests, none of which has changed
        """);
    return 2;
}
