using System.Security.Cryptography.X509Certificates;
using Gateway.Listening;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Http1;

/// <summary>What the server knows of a request. Of a plain one it is known without asking for features, which costs more than most rules.</summary>
internal static class RequestFacts
{
    /// <summary>The target as it came.</summary>
    public static string RawTarget(this HttpContext context) =>
        context.Features is RequestFeatures plain ? plain.RawTarget : context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

    /// <summary>Where it came in.</summary>
    public static DoorListener Listener(this HttpContext context) =>
        context.Features is RequestFeatures plain ? plain.Listener : context.Features.GetRequiredFeature<DoorListener>();

    /// <summary>Whether there is a body.</summary>
    public static bool CanHaveBody(this HttpContext context) =>
        context.Features is not RequestFeatures && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };

    /// <summary>The client's certificate; null for none, as a plain request has none.</summary>
    public static X509Certificate2? ClientCertificate(this HttpContext context) =>
        context.Features is RequestFeatures ? null : context.Connection.ClientCertificate;

    /// <summary>Whether it asks for another protocol, and can have it.</summary>
    public static bool IsUpgradable(this HttpContext context) =>
        context.Features is not RequestFeatures && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };
}
