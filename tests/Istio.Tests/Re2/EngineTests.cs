using FsCheck;
using FsCheck.Fluent;
using Istio.Re2;

namespace Istio.Tests.Re2;

/// <summary>The engines agree, take linear time whatever the text, allocate nothing, and may be shared.</summary>
public class EngineTests
{
    private static readonly string[] PatternParts =
    [
        "/", "/api", "/api/v1", "/v", "[^/]+", "[^/]*", "[0-9]+", @"\d{1,3}", "[a-z0-9-]+", ".*", "(.*)", "(/.*)?", "(/|$)", "(?:/.*)?",
        "/?", "(eu|us)", "(a|ab)", "(?:v1|v2)", "(a|b|)", @"(\w+)", "([^/]*)", "(?i)", "^", "$", "(/v1)?", @"\.", "[.]json", ".+", "(/[^/]+)*",
        "(/[^/]+)+", "(?P<id>[0-9]{1,3})", "(/|)", "(|/)", "(.*?)", "([^/]+?)", "k", "S", "é", "😀", "[k]", "(?:ab)?", @"\s", "(?s).",
        "b{2}", "(?i:us|k)", "[^a]", "a*", "(a*)*", @"\b", "x|",
    ];

    private static readonly string[] TextParts =
    [
        "/", "/api", "/api/v1", "/v1", "v2", "12", "7", "eu", "us", "US", "a", "b", "ab", ".", ".json", "-", "x", "\n", "é", "k", "K",
        "\u212A", "s", "\u017F", "/API", "😀", "\uD83D", "\uDE00", " ",
    ];

    private static readonly string[] SyntaxParts =
    [
        .. "()[]{}|*+?^$.\\-:,=!<>PpiQEbBAzCdx0127aé&\n".Select(c => c.ToString()), "😀", "(?", "(?P<n>", "[[:alpha:]]", "{2,3}",
        @"\p{Greek}",
    ];

    private static readonly Config Repeatable = Config.QuickThrowOnFailure.WithMaxTest(5_000).WithReplay(4_711, 815);

    /// <summary>The shapes that routes have: they match by comparing and slicing.</summary>
    public static TheoryData<string, bool> OnePassPatterns => new()
    {
        { "/ping", true },
        { "/api/.*", true },
        { "(?i)/api/.*", true },
        { "/api(/.*)?", true },
        { "/api/v1(/|$)(.*)", true },
        { "^/api/v1(/|$)(.*)$", true },
        { "/(eu|us|asia)", true },
        { "(?:/a|/b|/b2)/x", false },
        { "/users/[^/]+/orders/[0-9]+", true },
        { "/v[0-9]+/.*", true },
        { "(/[^/]+)*", true },
        { ".*", true },
        { "(.*)-canary", false },
        { ".*/admin", false },
        { @"\bping\b", false },
    };

    public static TheoryData<string, string> Evil => new()
    {
        { "(a*)*b", "a" },
        { "(x+x+)+y", "x" },
        { "(a|a)*b", "a" },
        { "(a|aa)+$", "a" },
        { "(.*)(.*)(.*)(.*)(.*)x", "a" },
        { "(?:a?){20}a{20}b", "a" },
        { "((a{1,4}){1,4}){1,4}b", "a" },
        { "([a-z]+)*[0-9]", "ab" },
        { "(?:.*a){12}b", "a" },
        { "(?i)(k|s)*\\d", "kS\u212A" },
    };

    private static Arbitrary<string> Of(string[] parts, int max) =>
        Gen.Choose(0, max).SelectMany(count => Gen.Elements(parts).ArrayOf(count)).Select(string.Concat).ToArbitrary();

    [Fact]
    public void Slicing_finds_what_the_simulations_find() =>
        Prop.ForAll(Of(PatternParts, 5), Of(TextParts, 6), (pattern, text) =>
        {
            if (Re2Pattern.TryParse(pattern, out var parsed, out _))
            {
                var full = Runs.Full(pattern, text).ToArray();
                Assert.All(full, groups => Assert.Equal(full[0], groups));
                Assert.Equal(full[0] is not null, parsed.IsFullMatch(text));
                var search = Runs.Search(pattern, text).ToArray();
                Assert.All(search, groups => Assert.Equal(search[0], groups));
                Assert.Equal(search[0] is not null, parsed.IsPartialMatch(text));
            }
        }).Check(Repeatable);

    [Fact]
    public void Any_string_is_parsed_or_refused_with_a_place() =>
        Prop.ForAll(Of(SyntaxParts, 12), pattern =>
        {
            if (!Re2Pattern.TryParse(pattern, out _, out var error))
            {
                Assert.InRange(error.Position, 0, pattern.Length);
                Assert.NotEmpty(error.Message);
            }
        }).Check(Repeatable);

    [Theory]
    [MemberData(nameof(OnePassPatterns))]
    public void Common_shapes_are_sliced(string pattern, bool isOnePass) => Assert.Equal(isOnePass, Runs.Parse(pattern).IsOnePass);

    [Theory]
    [InlineData("/api/v1(/|$)(.*)", true)]
    [InlineData("^/service/([^/]+)(/.*)$", true)]
    [InlineData("^/api", true)]
    [InlineData("/old(/.*)?", true)]
    [InlineData("[a-z]+x", false)]
    [InlineData("a[^b]*b", false)]
    public void Common_rewrites_are_sliced_but_none_that_would_take_quadratic_time(string pattern, bool isOnePass) =>
        Assert.Equal(isOnePass, Runs.Parse(pattern).IsOnePassSearch);

    [Theory]
    [MemberData(nameof(Evil))]
    public void No_text_takes_more_than_linear_work(string pattern, string unit)
    {
        var program = Runs.Compile(pattern);
        var parsed = Runs.Parse(pattern);
        foreach (var length in (int[])[100, 1_000, 100_000])
        {
            var text = string.Concat(Enumerable.Repeat(unit, length / unit.Length)) + "!";
            foreach (var isFull in (bool[])[true, false])
            {
                var bound = 2L * program.Code.Length * (text.Length + 1);
                var captures = new int[2 + (2 * parsed.CaptureGroups)];
                long steps = 0;
                PikeVm.Search(program, text, 0, isFull, isFull, captures, ref steps);
                Assert.InRange(steps, 1, bound);
                if (BitState.CanSearch(program, text.Length))
                {
                    steps = 0;
                    BitState.Search(program, text, 0, isFull, isFull, captures, ref steps);
                    Assert.InRange(steps, 1, bound);
                }
            }

            Assert.False(parsed.IsFullMatch(text));
        }
    }

    [Fact]
    public void A_pattern_with_too_many_states_still_matches()
    {
        // The automaton has to remember the last 30 characters: 2^30 states.
        const string Pattern = "[ab]*a[ab]{30}";
        var parsed = Runs.Parse(Pattern);
        var random = new Random(7);
        var text = string.Create(20_000, random, (span, source) =>
        {
            foreach (ref var c in span)
            {
                c = source.Next(2) == 0 ? 'a' : 'b';
            }
        });
        for (var length = text.Length - 40; length < text.Length; length++)
        {
            Assert.Equal(text[length - 31] == 'a', parsed.IsFullMatch(text.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData("/api/v1/ping", "/api/v1/ping")]
    [InlineData("(?i)/api/v1(/.*)?", "/API/v1/users/12345")]
    [InlineData("/api/v1(/|$)(.*)", "/api/v1/users/12345")]
    [InlineData("/(eu|us)/[^/]+/.*", "/us/users/12345")]
    [InlineData(@".*\.(png|jpg)", "/img/photo.jpg")]
    [InlineData(@"(.*)\bping\b(.*)", "/api/ping")]
    public void Matching_allocates_nothing(string pattern, string text)
    {
        var parsed = Runs.Parse(pattern);
        Assert.True(Re2Rewrite.TryParse(pattern, parsed.CaptureGroups > 0 ? @"/x\1" : "/x", out var rewrite, out _));
        var destination = new char[256];
        var captures = new int[2 + (2 * parsed.CaptureGroups)];
        var program = Runs.Compile(pattern);

        // Pools and automata fill at first, and the collector may empty a pool at any time: one quiet round is proof.
        var allocated = Enumerable.Range(0, 50).Min(_ =>
        {
            long steps = 0;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var found = parsed.IsFullMatch(text) & parsed.IsPartialMatch(text) & parsed.Simulate(text, 0, isFull: true, captures)
                & PikeVm.Search(program, text, 0, true, true, captures, ref steps) & rewrite.TryReplaceAll(text, destination, out var _);
            return found ? GC.GetAllocatedBytesForCurrentThread() - before : long.MaxValue;
        });
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void One_pattern_serves_all_threads()
    {
        var parsed = Runs.Parse("(?:[a-z]+[0-9])*x?[a-z]*(ab|cd)+");
        Parallel.For(0, 2_000, i =>
        {
            var text = string.Concat(Enumerable.Repeat($"q{i % 10}w{i % 7}", i % 13)) + (i % 2 == 0 ? "abcd" : "abc");
            Assert.Equal(i % 2 == 0, parsed.IsFullMatch(text));
        });
    }
}
