// The dashboard: takes in telemetry, is told by an engine what runs, and shows both. Alone it is a viewer for any OTLP source.
using System.Net.Sockets;
using Dashboard.Hosting;

var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();
try
{
    var options = DashboardOptions.Read(configuration);
    await using var app = DashboardApplication.Build(options);
    await app.StartAsync();
    var (frontend, grpc, http) = Listeners.Addresses(app);
    Console.WriteLine($"Dashboard: {options.LoginUrl(frontend)}");
    Console.WriteLine($"OTLP: gRPC at {grpc}, HTTP at {http}");
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception exception) when (exception is FormatException or IOException or SocketException)
{
    Console.Error.WriteLine($"The dashboard cannot start: {exception.Message}");
    return 1;
}
