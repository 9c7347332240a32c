using PingService.ApiReference;
using PingService.Errors;
using PingService.Instance;
using PingService.Ping;

var builder = WebApplication.CreateSlimBuilder(args);

// As the seed's gin does: port 8080 when no address is configured in any of ASP.NET Core's ways.
if (builder.Configuration["URLS"] is null)
{
    builder.Configuration["HTTP_PORTS"] ??= "8080";
}

builder.AddServiceDefaults();
builder.Services.AddInstance();
builder.Services.AddProblemResponses();
builder.Services.AddPing();
builder.Services.AddApiReference();

var app = builder.Build();

app.UseProblemDetails();
app.MapDefaultEndpoints();
app.MapPing();
app.MapVersion();
app.MapApiReference();

app.Run();
