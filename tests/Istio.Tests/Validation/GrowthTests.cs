using System.Text;
using Istio.Documents;
using Istio.Validation;

namespace Istio.Tests.Validation;

/// <summary>The only tests of this assembly that run alone: they count what the whole process allocates.</summary>
[CollectionDefinition(nameof(GrowthTests), DisableParallelization = true)]
public sealed class GrowthRunsAlone;

/// <summary>Four times as many documents take about four times the work, whatever they have to do with each other.</summary>
[Collection(nameof(GrowthTests))]
public sealed class GrowthTests : IDisposable
{
    private const int Few = 120;
    private const int Many = 4 * Few;

    private readonly string _folder = Directory.CreateTempSubdirectory("growth-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A name, and the documents of one unit: <c>#</c> is its number, <c>@</c> that of the next.</summary>
    public static TheoryData<string, string> Shapes => new()
    {
        {
            "services that route to each other",
            """
            apiVersion: v1
            kind: Service
            metadata: {name: s#}
            spec: {selector: {app: s#}, ports: [{name: http, port: 80}]}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: s#}
            spec:
              replicas: 3
              selector: {matchLabels: {app: s#}}
              template:
                metadata: {labels: {app: s#, version: v1}}
                spec: {containers: [{name: a, image: a, ports: [{containerPort: 80}]}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: s#}
            spec:
              hosts: [s#]
              http:
              - match: [{uri: {prefix: /api/}}]
                rewrite: {uri: /}
                route: [{destination: {host: s#, subset: v1}}]
                retries: {attempts: 3, perTryTimeout: 1s}
                timeout: 2s
              - route: [{destination: {host: s@}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: s#}
            spec: {host: s#, trafficPolicy: {outlierDetection: {}}, subsets: [{name: v1, labels: {version: v1}}]}
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: s#}
            spec: {selector: {matchLabels: {app: s#}}, rules: [{to: [{operation: {paths: [/api/*]}}]}]}
            """
        },
        {
            "one host for all",
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: s#}\nspec: {hosts: [shop], "
                + "http: [{route: [{destination: {host: shop}}]}]}"
        },
        {
            "wildcard hosts",
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: s#}\nspec: {hosts: [\"*.s#.com\", "
                + "a.s@.com], exportTo: [s#], http: [{route: [{destination: {host: a.s#.com}}]}]}"
        },
        {
            "one port of one gateway",
            "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: s#}\nspec: {selector: {istio: ingressgateway}, "
                + "servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [\"*\"]}]}"
        },
        {
            "rules without selector",
            "apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: s#}\nspec: {}\n---\napiVersion: "
                + "networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s#}\nspec: {egress: [{hosts: [\"*/*\"]}]}"
        },
        {
            "external hosts",
            "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s#}\nspec: {hosts: [\"*.s#.com\", "
                + "a.com], ports: [{number: 443, name: tls, protocol: TLS}], location: MESH_EXTERNAL}"
        },
        {
            "endpoints of one service",
            "apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: s#}\nspec: {address: 10.0.0.1, "
                + "labels: {app: s, version: v#}}\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: "
                + "{name: s#}\nspec: {host: s, subsets: [{name: v#, labels: {version: v#}}]}"
        },
        {
            "policies for the same workloads",
            "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: s#}\nspec: {selector: "
                + "{matchLabels: {app: s}}, rules: [{to: [{operation: {paths: [/a#]}}]}]}"
        },
        {
            "paths of one Ingress host",
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: s#, annotations: {nginx.ingress.kubernetes.io/rewrite-target: "
                + "/$1}}\nspec: {ingressClassName: nginx, rules: [{host: shop.com, http: {paths: [{path: /s#/(.*), pathType: "
                + "ImplementationSpecific, backend: {service: {name: s#, port: {number: 80}}}}]}}]}"
        },
        {
            "routes of one Gateway",
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: s#}\nspec: {parentRefs: "
                + "[{name: g}], hostnames: [shop.com], rules: [{matches: [{path: {type: PathPrefix, value: /s#}}], backendRefs: "
                + "[{name: s#, port: 80}]}]}"
        },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Work_grows_with_the_number_of_documents(string name, string unit)
    {
        Assert.NotEmpty(name);
        var (few, many) = (Text(unit, Few), Text(unit, Many));
        Assert.InRange(Ratio(() => ResourceReader.ReadText(few, "a.yaml"), () => ResourceReader.ReadText(many, "a.yaml")), 3, 5);
    }

    [Fact]
    public void Work_grows_with_the_number_of_files()
    {
        var unit = (string)Shapes.First().Data.Item2;
        foreach (var (folder, count) in new[] { ("few", Few), ("many", Many) })
        {
            Directory.CreateDirectory(Path.Combine(_folder, folder));
            for (var i = 0; i < count; i++)
            {
                File.WriteAllText(Path.Combine(_folder, folder, $"{i}.yaml"), Unit(unit, i, count));
            }
        }

        ResourceSet Read(string folder) => ResourceReader.ReadPaths([Path.Combine(_folder, folder)]);
        Assert.InRange(Ratio(() => Read("few"), () => Read("many")), 3, 5);
    }

    /// <summary>How many times more is allocated for the many than for the few; allocation counts work without a clock.</summary>
    private static double Ratio(Func<ResourceSet> few, Func<ResourceSet> many)
    {
        Allocated(few);
        Allocated(many);
        return (double)Allocated(many) / Allocated(few);
    }

    private static long Allocated(Func<ResourceSet> read)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        GC.KeepAlive(Validator.Validate(read()));
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static string Text(string unit, int count) => new StringBuilder()
        .AppendJoin("\n---\n", Enumerable.Range(0, count).Select(i => Unit(unit, i, count))).Append('\n').ToString();

    private static string Unit(string unit, int number, int count) =>
        unit.Replace("#", $"{number}", StringComparison.Ordinal).Replace("@", $"{(number + 1) % count}", StringComparison.Ordinal);
}
