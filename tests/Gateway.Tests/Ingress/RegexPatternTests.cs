using System.Text;
using System.Text.RegularExpressions;
using Gateway.Ingress;

namespace Gateway.Tests.Ingress;

public sealed class RegexPatternTests
{
    /// <summary>Pattern, subject in Latin-1, and what PCRE captures; null for no match.</summary>
    [Theory]
    // The alphabet is bytes in the C locale.
    [InlineData(@"/\w+$", "/caf\u00E9", null)]
    [InlineData(@"/caf..$", "/caf\u00C3\u00A9", "")]
    [InlineData("/caf\u00E9$", "/caf\u00C3\u00A9", "")]
    [InlineData("/caf\u00E9$", "/CAF\u00C3\u00A9", "")]
    [InlineData("/caf\u00E9$", "/CAF\u00C3\u0089", null)]
    [InlineData(@"/([\x80-\xff]+)", "/\u00C3\u00A9x", "\u00C3\u00A9")]
    [InlineData(@"/k", "/\u00E2\u0084\u00AA", null)]
    [InlineData(@"/(\S+)", "/a\u00A0b", "a\u00A0b")]
    [InlineData(@"/(\h+)", "/ \t\u00A0", " \t\u00A0")]
    // Newlines.
    [InlineData("/(.*)", "/a\nb", "a")]
    [InlineData("/a$", "/a\n", "")]
    [InlineData(@"/a\z", "/a\n", null)]
    [InlineData("/(?s)(.*)", "/a\nb", "a\nb")]
    [InlineData(@"/(\N+)", "/a\nb", "a")]
    [InlineData(@"/a\Rb", "/a\r\nb", "")]
    // Case.
    [InlineData("/Foo", "/fOO", "")]
    [InlineData("/(?-i)Foo", "/foo", null)]
    [InlineData("/[a-f]+$", "/ABC", "")]
    [InlineData("/[^a]$", "/A", null)]
    // Possessive, atomic, lazy.
    [InlineData("/a++a", "/aaa", null)]
    [InlineData("/(a*+)b", "/aab", "aa")]
    [InlineData("/(?>a+)a", "/aaa", null)]
    [InlineData("/(a+?)", "/aaa", "a")]
    [InlineData("/(a{2}+)", "/aaa", "aa")]
    // Braces that are no quantifier.
    [InlineData("/a{x}", "/a{x}", "")]
    [InlineData("/a{,2}", "/a{,2}", "")]
    // Classes.
    [InlineData("/([[:digit:]]+)", "/12x", "12")]
    [InlineData("/([[:alpha:]_-]+)", "/a-_1", "a-_")]
    [InlineData("/([]a]+)", "/]a", "]a")]
    [InlineData("/([a-z-[b]+)", "/b", "b")]
    [InlineData(@"/([\]\-]+)", "/-]", "-]")]
    [InlineData(@"/([\d.]+)", "/1.2", "1.2")]
    // Quotation and codes.
    [InlineData(@"/\Qa.b\E(.)", "/a.bc", "c")]
    [InlineData(@"/\x41\x{42}\o{103}", "/ABC", "")]
    // Groups and references.
    [InlineData("/(?:a)(b)", "/ab", "b")]
    [InlineData("/(?<n>a)(b)", "/ab", "a,b")]
    [InlineData("/(?P<n>a)(?P=n)", "/aa", "a")]
    [InlineData("/(?'n'a)\\k{n}", "/aa", "a")]
    [InlineData(@"/(a)\1", "/aa", "a")]
    [InlineData(@"/(a)\g{-1}0", "/aa0", "a")]
    [InlineData("/(a)|(b)", "/x/b", ",b")]
    [InlineData("/x(?#comment)(y)", "/xy", "y")]
    [InlineData("/(?=a)(.)", "/ab", "a")]
    [InlineData("/(a(b)?)+", "/aba", "a,b")]
    public void Matches_as_PCRE(string pattern, string subject, string? groups)
    {
        var compiled = RegexPattern.Compile(pattern);
        var path = Encoding.Latin1.GetBytes(subject);
        var match = default(PathMatch);
        Assert.Equal(groups is not null, compiled.IsLocationOf(path) && compiled.TryMatch(path, ref match));
        if (groups is not null)
        {
            var captured = new List<string>();
            for (var group = 1; group <= compiled.Groups; group++)
            {
                captured.Add(Encoding.Latin1.GetString(path[match[group]]));
            }

            Assert.Equal(groups, string.Join(',', captured));
        }
    }

    [Theory]
    [InlineData("/api(", 4)]
    [InlineData("/api)", 4)]
    [InlineData("/[a", 1)]
    [InlineData("/*+*", 3)]
    [InlineData("*a", 0)]
    [InlineData("/(?R)", 1)]
    [InlineData("/(?1)", 1)]
    [InlineData("/(?|a|b)", 1)]
    [InlineData("/(?(1)a|b)", 1)]
    [InlineData("/(*SKIP)", 2)]
    [InlineData(@"/a\Kb", 2)]
    [InlineData(@"/\p{L}", 1)]
    [InlineData(@"/\2(a)", 2)]
    [InlineData("/[[:nope:]]", 2)]
    [InlineData("/(?<a>x)(?<a>y)", 8)]
    [InlineData(@"/a\", 2)]
    public void Refuses_what_it_cannot_execute_with_its_position(string pattern, int position) =>
        Assert.Equal(position, Assert.Throws<PcreException>(() => RegexPattern.Compile(pattern)).Position);

    [Fact]
    public void A_pattern_that_backtracks_without_end_is_stopped()
    {
        // The reference keeps it from the linear-time engine.
        var pattern = RegexPattern.Compile(@"/(a+)+\1b$");
        var path = Encoding.ASCII.GetBytes("/" + new string('a', 64));
        Assert.Throws<RegexMatchTimeoutException>(() => pattern.IsLocationOf(path));
    }

    [Fact]
    public void A_pattern_without_references_takes_linear_time()
    {
        var pattern = RegexPattern.Compile("/(a+)+b$");
        Assert.False(pattern.IsLocationOf(Encoding.ASCII.GetBytes("/" + new string('a', 8000))));
    }
}
