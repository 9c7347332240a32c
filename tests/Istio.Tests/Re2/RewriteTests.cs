using Istio.Re2;

namespace Istio.Tests.Re2;

/// <summary>Replacing every match, as <c>uriRegexRewrite</c> does.</summary>
public class RewriteTests
{
    public static TheoryData<string, string, string, string> Rewrites => new()
    {
        { "/api/v1(/|$)(.*)", @"/\2", "/api/v1/ping", "/ping" },
        { "/api/v1(/|$)(.*)", @"/\2", "/api/v1/", "/" },
        { "/api/v1(/|$)(.*)", @"/\2", "/api/v1", "/" },
        { "/api/v1(/|$)(.*)", @"/\2", "/api/v12", "/api/v12" },
        { "/api/v1(/|$)(.*)", @"/\2", "/x/api/v1/y", "/x/y" },
        { "^/api/v1(/|$)(.*)", @"/\2", "/x/api/v1/y", "/x/api/v1/y" },
        { "^/service/([^/]+)(/.*)$", @"\2/instance/\1", "/service/foo/v1/api", "/v1/api/instance/foo" },
        { "one", "two", "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/two/zzz" },
        { "^(.*?)one(.*)$", @"\1two\2", "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/one/zzz" },
        { "(?i)/xxx/", "/yyy/", "/aaa/XxX/bbb", "/aaa/yyy/bbb" },
        { "a", "b", "", "" },
        { "", "x", "", "x" },
        { "", "x", "ab", "xaxbx" },
        { "", "-", "日\U0001F600", "-日-\U0001F600-" },
        { "a*", "x", "baac", "xbxcx" },
        { "a*", "x", "aaa", "x" },
        { "a*?", "x", "aa", "xaxax" },
        { "a*", @"(\0)", "baac", "()b(aa)c()" },
        { "b*", "-", "abc", "-a-c-" },
        { "(a)|(b)", @"[\1\2]", "ab", "[a][b]" },
        { "(a)|b", @"[\1]", "b", "[]" },
        { "a", @"\\", "aa", @"\\" },
        { "a", @"\\0", "a", @"\0" },
        { "a", @"\0\0", "xa", "xaa" },
        { "a", "$1", "a", "$1" },
        { "a", "", "banana", "bnn" },
        { "(.)(.)(.)(.)(.)(.)(.)(.)(.)", @"\9\8\7\6\5\4\3\2\1", "123456789", "987654321" },
        { "(1)(2)(3)(4)(5)(6)(7)(8)(9)(x)", @"\10", "123456789x", "10" },
        { "^", "/", "a", "/a" },
        { "$", "/", "a", "a/" },
        { "(?m)^", "> ", "a\nb", "> a\n> b" },
        { "(?m)$", ";", "a\nb", "a;\nb;" },
        { @"\b", "|", "ab cd", "|ab| |cd|" },
        { @"^a", "x", "aaa", "xaa" },
        { @"\d+", "N", "a12b345", "aNbN" },
        { @"(\w+)@(\w+)", @"\2.\1", "me@here you@there", "here.me there.you" },
        { ".", "x", "\U0001F600é", "xx" },
        { "[^/]", "x", "/a\U0001F600/", "/xx/" },
        { "(?i)k", "x", "kK\u212A", "xxx" },
        { "/+", "/", "//a///b", "/a/b" },
        { "aa", "b", "aaaaa", "bba" },
        { "a|ab", "x", "ab", "xb" },
        { "(/.*)?$", "/new", "/old", "/new" },
        { ".*", "x", "abc", "x" },
        { ".*", "x", "ab\ncd", "x\nx" },
        { "x?", "-", "\n", "-\n-" },
    };

    [Theory]
    [MemberData(nameof(Rewrites))]
    public void Every_match_is_replaced(string pattern, string substitution, string text, string expected)
    {
        Assert.True(Re2Rewrite.TryParse(pattern, substitution, out var rewrite, out var error), error?.Message);
        Assert.Equal((pattern, substitution), (rewrite.Pattern, rewrite.Substitution));
        Assert.Equal(expected, rewrite.Replace(text));
        var destination = new char[expected.Length];
        Assert.True(rewrite.TryReplaceAll(text, destination, out var length));
        Assert.Equal(expected, new string(destination, 0, length));
        if (expected.Length > 0)
        {
            Assert.False(rewrite.TryReplaceAll(text, destination.AsSpan(1), out length));
            Assert.Equal(0, length);
        }
    }

    [Fact]
    public void What_does_not_change_stays_the_same_string()
    {
        Assert.True(Re2Rewrite.TryParse("/api(/.*)", @"\1", out var rewrite, out _));
        const string Path = "/other";
        Assert.Same(Path, rewrite.Replace(Path));
    }

    [Fact]
    public void A_long_result_is_whole()
    {
        Assert.True(Re2Rewrite.TryParse("a", "0123456789", out var rewrite, out _));
        Assert.Equal(string.Concat(Enumerable.Repeat("0123456789", 10_000)), rewrite.Replace(new string('a', 10_000)));
    }
}
