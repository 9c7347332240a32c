using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gateway.Ingress;
using Gateway.Listening;
using Gateway.Parity;
using Gateway.Policies;
using Gateway.Proxy;
using Gateway.Registry;
using Istio.Documents;
using Istio.Validation;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Mesh;

/// <summary>Reads a mesh folder and compiles it. Keeps what outlives a reload: turns, ejections, buckets, keys.</summary>
internal sealed class MeshLoader : IDisposable
{
    private readonly ConcurrentDictionary<string, Turn> _turns = new(StringComparer.Ordinal);
    private readonly HttpMessageInvoker _keys = new(new SocketsHttpHandler());
    private readonly ProxyCompiler _proxies;

    /// <summary>Makes a loader.</summary>
    /// <param name="folder">The mesh folder.</param>
    /// <param name="doors">Where to listen, and whether requests are logged; null for the defaults.</param>
    /// <param name="time">The clock of what is compiled; null for the system's.</param>
    /// <param name="random">The chance of what is compiled, safe for several threads; null for the shared one.</param>
    /// <param name="logger">Gets what policies have to say later; null for nobody.</param>
    /// <param name="names">Looks endpoints up that are names; null for the system's DNS.</param>
    public MeshLoader(
        string folder, DoorOptions? doors = null, TimeProvider? time = null, Random? random = null,
        ILogger<PolicyCompiler>? logger = null, EndpointNames? names = null)
    {
        Folder = folder;
        Names = names ?? new EndpointNames();
        (time, random) = (time ?? TimeProvider.System, random ?? Random.Shared);
        var policies = new PolicyCompiler(time, random, _keys, logger ?? NullLogger<PolicyCompiler>.Instance);
        _proxies = new ProxyCompiler(doors ?? new DoorOptions(), policies, time, random);
    }

    /// <summary>The mesh folder.</summary>
    public string Folder { get; }

    /// <summary>The endpoints that are names.</summary>
    public EndpointNames Names { get; }

    /// <summary>Reads the folder as it is now.</summary>
    public ResourceSet Read() => ResourceReader.ReadFolder(Folder);

    /// <summary>Reads and compiles the folder.</summary>
    /// <returns>The configuration, or null when a finding is an error; and all findings.</returns>
    public (MeshSnapshot? Snapshot, ImmutableArray<Finding> Findings) Load() => Compile(Read());

    /// <summary>
    /// Compiles documents. A configuration that this gives is to be put in force: what runs by itself, such as ejections, follows it from
    /// here on.
    /// </summary>
    public (MeshSnapshot? Snapshot, ImmutableArray<Finding> Findings) Compile(ResourceSet resources) =>
        Names.Keep(() => CompileAll(resources));

    private (MeshSnapshot? Snapshot, ImmutableArray<Finding> Findings) CompileAll(ResourceSet resources)
    {
        var findings = new List<Finding>();
        var registry = ServiceRegistry.Build(resources, _turns, findings, Names);
        var door = IngressCompiler.Compile(resources, registry, findings);
        var proxies = _proxies.Compile(resources, findings, Names);
        LaptopFindings.Add(resources, findings);
        var all = WithValidation(findings, resources);
        return (all.Any(IsFatal) ? null : new MeshSnapshot(door, registry, proxies()), all);
    }

    /// <summary>What the gateway itself finds, and what validation finds besides; where both speak of one field, the gateway does.</summary>
    private static ImmutableArray<Finding> WithValidation(List<Finding> own, ResourceSet resources)
    {
        var places = own.Select(finding => (finding.Location.File, finding.Location.Line, finding.Field)).ToHashSet();
        return
        [
            .. own.Concat(Validator.Validate(resources)
                .Where(finding => !places.Contains((finding.Location.File, finding.Location.Line, finding.Field))))
                .Distinct()
                .OrderBy(finding => finding.Location.File, StringComparer.Ordinal).ThenBy(finding => finding.Location.Line),
        ];
    }

    /// <summary>
    /// Whether a finding keeps documents from being executed: what the API server or Istio's webhook would reject, and what the gateway
    /// cannot execute. What an analysis finds is printed only, for the cluster takes such documents too and acts on them.
    /// </summary>
    public static bool IsFatal(Finding finding) => finding.Severity == Severity.Error && !ValidationCodes.IsAdvice(finding.Code);

    public void Dispose()
    {
        _proxies.Dispose();
        _keys.Dispose();
    }
}
