using Microsoft.Extensions.Configuration;

// The AppHost that tests run. What it declares is chosen by the argument --case.
var builder = args.Contains("--case=no-builder") ? null : DistributedApplication.CreateBuilder(args);
switch (builder?.Configuration["case"])
{
    case null:
        return 0;
    case "web":
        builder.AddProject<Projects.TestService>("web")
            .WithReplicas(builder.Configuration.GetValue("replicas", 1))
            .WithHttpHealthCheck("/health");
        break;
    case "parameters":
        builder.AddParameter("greeting", "hello");
        builder.AddParameter("missing");
        builder.AddConnectionString("db", ReferenceExpression.Create($"Server={builder.AddParameter("server", "localhost")}"));
        break;
    case "declaration-fails":
        throw new DistributedApplicationException("The declaration failed; change it.");
    case "invalid-name":
        builder.AddParameter("-invalid");
        break;
    case "build-fails":
        builder.AddProject<Projects.TestService>("web").WithReplicas(0);
        break;
    case "start-fails":
        builder.OnBeforeStart(static (_, _) => throw new DistributedApplicationException("The start failed; try again."));
        break;
    case "unexpected":
        throw new FormatException("A bug of the AppHost.");
    case "build-only":
        builder.Build();
        return 0;
    case "async":
        await using (var application = builder.Build())
        {
            await application.RunAsync();
        }

        return 0;
    case "start-fails-and-is-caught":
        builder.OnBeforeStart(static (_, _) => throw new DistributedApplicationException("The start failed; try again."));
        try
        {
            await builder.Build().RunAsync();
        }
        catch (DistributedApplicationException)
        {
            return 1;
        }

        break;
    default:
        break;
}

builder.Build().Run();
return 0;
