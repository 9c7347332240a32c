using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Ingress;

namespace Gateway.Tests.Ingress;

/// <summary>The shapes that are matched by slicing agree with the regular expression, on every input.</summary>
public sealed class SlicingPatternTests
{
    private static readonly string[] Shapes =
    [
        "/api/v1(/|$)(.*)", "/api", "/api/", "/", "/(.*)", "/api/(.*)", "/api(/|$)", "/api/?(.*)", "/api$", "/api/?$", "/api.*",
        @"/a\.b(/|$)(.*)", "/a-b_c~(.*)",
    ];

    private static readonly string[] Fragments = ["/", "api", "API", "v1", "V1", "a.b", "A.B", "axb", "a-b_c~", "\n", "x", "\u00E9", ""];

    private static readonly Dictionary<string, (SlicingPattern Slicing, RegexPattern Regex)> Compiled =
        Shapes.ToDictionary(shape => shape, shape => (SlicingPattern.TryCompile(shape)!, RegexPattern.Compile(shape)));

    [Fact]
    public void Slicing_agrees_with_the_regular_expression()
    {
        var paths = Gen.Elements(Fragments).ArrayOf().Select(parts => "/" + string.Concat(parts));
        var cases = Gen.Zip(Gen.Elements(Shapes), paths);
        Prop.ForAll(cases.ToArbitrary(), pair => Agrees(pair.Item1, pair.Item2)).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    [Theory]
    [InlineData("/api/v1(/|$)(.*)", true)]
    [InlineData("/api/?(.*)", true)]
    [InlineData("/api/v1", true)]
    [InlineData("/api/v[12](/|$)(.*)", false)]
    [InlineData("/api.v1", false)]
    [InlineData("/api*", false)]
    [InlineData("api", false)]
    public void Common_shapes_need_no_regular_expression(string path, bool slices) =>
        Assert.Equal(slices, SlicingPattern.TryCompile(path) is not null);

    private static bool Agrees(string shape, string text)
    {
        var path = Encoding.UTF8.GetBytes(text);
        var (slicing, regex) = Compiled[shape];
        var (sliced, matched) = (default(PathMatch), default(PathMatch));
        var isLocation = regex.IsLocationOf(path);
        if (slicing.IsLocationOf(path) != isLocation || slicing.Groups != regex.Groups)
        {
            return false;
        }

        // The rewrite is asked only where the location has matched.
        return !isLocation || (slicing.TryMatch(path, ref sliced) && regex.TryMatch(path, ref matched)
            && SameGroups(regex.Groups, path, sliced, matched));
    }

    private static bool SameGroups(int groups, byte[] path, PathMatch one, PathMatch other)
    {
        for (var group = 1; group <= groups; group++)
        {
            if (!path.AsSpan(one[group]).SequenceEqual(path.AsSpan(other[group])))
            {
                return false;
            }
        }

        return true;
    }
}
