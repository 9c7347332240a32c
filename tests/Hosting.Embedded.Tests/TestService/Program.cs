// The service of the AppHost that tests run.
var app = WebApplication.Create(args);
app.MapGet("/", () => "Hello!");
app.MapGet("/environment/{name}", (string name) => Environment.GetEnvironmentVariable(name) ?? "");
app.MapGet("/health", () => Results.Ok());
app.Run();
