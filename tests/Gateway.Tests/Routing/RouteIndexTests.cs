using System.Collections.Immutable;
using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Requests;
using Gateway.Routing;
using Gateway.Tests.Support;
using Istio.Re2;

namespace Gateway.Tests.Routing;

/// <summary>Finding a route among many is finding the first that matches, and costs what finding it among few costs.</summary>
public sealed class RouteIndexTests
{
    private static readonly string[] Words =
        ["a", "A", "b", "ab", "api", "API", "v1", "/", "/", "/", "k", "\u212A", "s", "\u017F", "é", ".", "x"];

    private static readonly Gen<string> Paths = Gen.Elements(Words).ListOf().Select(words => "/" + string.Concat(words));

    private static readonly Gen<PathCondition> Conditions = Gen.OneOf(
        from path in Paths from any in ArbMap.Default.GeneratorFor<bool>() select (PathCondition)new ExactPath(path, any),
        from path in Paths from any in ArbMap.Default.GeneratorFor<bool>() select (PathCondition)new PrefixPath(path, any),
        from path in Paths from any in ArbMap.Default.GeneratorFor<bool>() select (PathCondition)new SegmentPrefixPath(path, any),
        from path in Paths
        from flags in Gen.Elements("", "(?i)", "^")
        from tail in Gen.Elements("", "(/.*)?", ".*", "+", "?", "[ab]*", "|/b", "$")
        select (PathCondition)new RegexPath(Parse(flags + path.Replace(".", "\\.") + tail)));

    [Fact]
    public void The_index_finds_the_first_route_that_matches() => Prop.ForAll(
        Conditions.ListOf().Where(list => list.Count > 4).ToArbitrary(), Paths.ListOf().ToArbitrary(), (conditions, paths) =>
        {
            var routes = conditions.Select((condition, index) => Route(condition, $"{index}")).ToImmutableArray();
            var host = new VirtualHost("test", ["*"], routes);
            return paths.All(path =>
            {
                var request = new RequestHead { Path = path };
                return host.Find(request) == routes.FirstOrDefault(route => route.Matcher.Matches(request));
            });
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(17, 29));

    [Theory]
    [InlineData("/api/v1(/.*)?", "/api/v1")]
    [InlineData("(?i)/Api/kiss(/.*)?", "/api/kiss")]
    [InlineData("^/a$", "/a")]
    [InlineData("/a+b", "/a")]
    [InlineData("/a?b", "/")]
    [InlineData("/(a)(b|c)d", "/a")]
    [InlineData("/a|/b", "")]
    [InlineData(".*", "")]
    [InlineData("/[aA]b", "/ab")]
    [InlineData("/[ab]c", "/")]
    [InlineData("/a[^\\x00-\\x{10FFFF}]", "/a")]
    public void A_pattern_knows_what_it_begins_with(string pattern, string prefix) => Assert.Equal(prefix, Parse(pattern).FoldedPrefix);

    [Fact]
    public void Matching_allocates_nothing()
    {
        var table = Table(1000);
        var request = Request(567);
        var random = new Random(1);
        Assert.Equal("567", table.Match(request, random).Route!.Name);
        Assert.Equal(0, Allocations.Of(() => table.Match(request, random)));
    }

    [Fact]
    public void Of_a_thousand_routes_few_are_tried()
    {
        var conditions = Enumerable.Range(0, 1000).Select(index => (PathCondition)new RegexPath(Parse($"(?i)/svc{index}/api/v1(/.*)?")))
            .ToArray();
        var tree = new PathTree([.. conditions, new PrefixPath("/", false)]);
        Assert.Equal([567, 1000], tree.Candidates("/SVC567/api/v1/ping").ToArray());
        Assert.Equal([1000], tree.Candidates("/svc567/api/v2").ToArray());
        Assert.Equal([1000], tree.Candidates("/other").ToArray());
        Assert.Empty(tree.Candidates("other").ToArray());
    }

    /// <summary>A table with this many services, each under a prefix of its own, in four ways of writing it.</summary>
    private static RouteTable Table(int count) => new("test",
    [
        new VirtualHost("any", ["*"], [.. Enumerable.Range(0, count).Select(index => Route((index % 4) switch
        {
            0 => new PrefixPath($"/svc{index}/", false),
            1 => new ExactPath($"/svc{index}/api/v1/ping", false),
            2 => new SegmentPrefixPath($"/svc{index}", false),
            _ => new RegexPath(Parse($"(?i)/svc{index}/api/v1(/.*)?")),
        }, $"{index}"))]),
    ]);

    private static RequestHead Request(int index) => new() { Authority = "example.com:8081", Path = $"/svc{index}/api/v1/ping" };

    private static Route Route(PathCondition path, string name) => new()
    {
        Name = name,
        Source = default,
        Matcher = new RouteMatcher(path, []),
        Forward = new ForwardAction([new WeightedCluster(new("ping.default.svc.cluster.local", 80), 1)]),
    };

    private static Re2Pattern Parse(string pattern) =>
        Re2Pattern.TryParse(pattern, out var result, out var error) ? result : throw new UnreachableException($"{pattern}: {error}");
}
