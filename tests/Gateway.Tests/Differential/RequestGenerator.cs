using System.Text;

namespace Gateway.Tests.Differential;

/// <summary>
/// Makes requests that put path semantics to the test: the routes of <see cref="Scenario"/>, mutated with everything that decoding,
/// merging, matching and escaping can trip over. Bytes from 0x80 on are left out, for Kestrel refuses them.
/// </summary>
internal sealed class RequestGenerator(int seed)
{
    private static readonly string[] Hosts =
    [
        "localhost", "localhost", "localhost", Scenario.Static, Scenario.Static, Scenario.Regex, Scenario.Regex, Scenario.Mixed,
        Scenario.Mixed, Scenario.Plain, "a.wild.example.com", "A_b-9.Wild.example.COM", "a.b.wild.example.com", ".wild.example.com",
        "wild.example.com", "STATIC.example.com:80", "regex.example.com.", "mixed.example.com.:8080", "unknown.example.org", "127.0.0.1",
        "[::1]:80",
    ];

    private static readonly string[] Routes =
    [
        "/api/v1", "/api/v1/", "/API/v1/ping", "/api/v1ping", "/api", "/foo", "/foo/", "/foo/deep", "/foo/deep/", "/bar", "/bar/",
        "/slash", "/slash/", "/impl", "/impl/", "/Case.Sensitive", "/case.sensitive/", "/b", "/b/", "/items/42", "/items/x",
        "/files/a.png", "/files/a/b.JPG", "/v1/users", "/V2/orders/", "/v3/users", "/word/ab_9/%20%39", "/abc/xxy", "/alt", "/some/any",
        "/old/x/y", "/old/x", "/opt/a/b", "/opt/c", "/opt/", "/strip", "/strip/", "/strip/x", "/prefix", "/prefixed", "/prefix/x",
        "/exact", "/exactly", "/log", "/log-x/y", "/l1", "/healthz", "/healthzz", "/", "",
    ];

    private static readonly string[] Pieces =
    [
        "/", "/", "/", "//", "///", ".", "..", "...", "/.", "/..", "/./", "/../", "%2F", "%2f", "%2e", "%2E", "%2e%2e", "/%2e%2e/", "%20",
        "%25", "%252F", "%3F", "%23", "%0A", "%0a", "%0D", "%09", "%00", "%01", "%7F", "%zz", "%2", "%", "%u0041", "%C3%A9", "%ff", "%80",
        "%E2%84%AA", "%41", "%61", "%6C", "a", "b", "x", "y", "Ping", "v1", "api", "1", "42", "_", "-", "~", "%7E", ";", "%3B", ":", "@",
        "!", "$", "&", "'", "(", ")", "*", "+", "%2B", ",", "=", "[", "]", "{", "}", "|", "\\", "^", "`", "\"", "<", ">", "\u0001",
        "\u007f", "\t", "#", "#frag", "?", "?x=1", "?x=%zz&y=%2F", "?a=b?c=d", "&z", "%3Fq", ".png", ".jpg",
    ];

    private static readonly string[] Methods =
        ["GET", "GET", "GET", "GET", "GET", "GET", "HEAD", "OPTIONS", "DELETE", "FOO-BAR_X", "get", "Get", "TRACE"];

    private readonly Random _random = new(seed);

    /// <summary>The next request.</summary>
    public GeneratedRequest Next()
    {
        var target = Target();
        if (_random.Next(40) == 0)
        {
            target = Pick(["http://", "HTTP://", "https://", "x+y.z-1://", "http:/", "http:", "://"])
                + Pick([.. Hosts, "", "a..b", "host:", "user@host", "[::1]"]) + Pick([target, "", "?q=1", "?", "#"]);
        }

        return new GeneratedRequest(_random.Next(10) == 0 ? Pick(Methods) : "GET", target, Pick(Hosts));
    }

    private string Target()
    {
        var target = new StringBuilder(Pick(Routes));
        for (var pieces = _random.Next(6); pieces > 0; pieces--)
        {
            // Mostly behind the route, sometimes within it.
            var position = _random.Next(4) == 0 ? _random.Next(target.Length + 1) : target.Length;
            target.Insert(position, Pick(Pieces));
        }

        if (_random.Next(8) == 0)
        {
            EscapeOne(target);
        }

        if (_random.Next(10) == 0)
        {
            target.Append(Pick(["?x=1", "?", "?%", "??", "?a#b", "#", "?q=" + new string('q', 20)]));
        }

        return target.Length > 0 && (target[0] == '/' || _random.Next(50) == 0) ? target.ToString() : "/" + target;
    }

    private void EscapeOne(StringBuilder target)
    {
        var position = _random.Next(Math.Max(target.Length, 1));
        if (position < target.Length)
        {
            var value = (int)target[position];
            target.Remove(position, 1).Insert(position, _random.Next(2) == 0 ? $"%{value:x2}" : $"%{value:X2}");
        }
    }

    private string Pick(ReadOnlySpan<string> choices) => choices[_random.Next(choices.Length)];
}

/// <summary>A generated request.</summary>
internal sealed record GeneratedRequest(string Method, string Target, string Host)
{
    public string Text => $"{Method} {Target} HTTP/1.1\r\nHost: {Host}\r\n\r\n";

    public override string ToString() =>
        $"{Method} {Target.Replace("\u0001", "\\x01").Replace("\u007f", "\\x7f").Replace("\t", "\\t")} (Host: {Host})";
}
