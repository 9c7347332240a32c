using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PingService.Ping;

/// <summary>
/// .NET calls this in the real PingService before its Main, when DOTNET_STARTUP_HOOKS names this assembly
/// (https://github.com/dotnet/runtime/blob/main/docs/design/features/host-startup-hook.md). It adds two endpoints that the service must
/// not have and the tests need: one that throws, and one that takes as long as the client takes to send its body. Or it prints dates and
/// exits: the C library takes its zone from the environment, which no process can change safely once it has threads.
/// </summary>
#pragma warning disable CA1050 // .NET looks the type up by this name, without a namespace
internal static class StartupHook
#pragma warning restore CA1050
{
    /// <summary>An environment variable: instants in Unix seconds, separated by spaces.</summary>
    public const string Instants = "PING_TEST_INSTANTS";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Instants) is { } instants)
        {
            foreach (var instant in instants.Split(' '))
            {
                Console.WriteLine(UnixDate.Format(long.Parse(instant, CultureInfo.InvariantCulture)));
            }

            Environment.Exit(0);
        }

        DiagnosticListener.AllListeners.Subscribe(new Listener());
    }

    private sealed class Listener : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
            {
                value.Subscribe(this);
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilding", Value: IHostBuilder host })
            {
                host.ConfigureServices(services => services.AddSingleton<IStartupFilter, Endpoints>());
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    /// <summary>Chooses the endpoint before routing does, so that it runs inside all of the application's own middleware.</summary>
    private sealed class Endpoints : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, nextMiddleware) =>
            {
                RequestDelegate? answer = context.Request.Path.Value switch
                {
                    "/test/throw" => _ => throw new InvalidOperationException("a secret"),
                    "/test/slow" => EchoAsync,
                    _ => null,
                };
                if (answer is not null)
                {
                    context.SetEndpoint(new Endpoint(answer, EndpointMetadataCollection.Empty, "test"));
                }

                await nextMiddleware(context);
            });
            next(app);
        };

        private static async Task EchoAsync(HttpContext context)
        {
            context.Features.Get<IHttpMinRequestBodyDataRateFeature>()!.MinDataRate = null;
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(await reader.ReadToEndAsync());
        }
    }
}
