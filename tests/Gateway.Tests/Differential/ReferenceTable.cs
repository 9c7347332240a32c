namespace Gateway.Tests.Differential;

/// <summary>
/// What nginx 1.22.1 does with the seed's Ingress, as measured: status and upstream request target. Committed, so that it is tested
/// where there is no nginx.
/// </summary>
internal static class ReferenceTable
{
    public static IReadOnlyList<Row> Rows { get; } =
    [
        // The seed's own requests.
        new("/api/v1/ping", 200, "/ping"),
        new("/api/v1", 200, "/"),
        new("/api/v1/", 200, "/"),
        new("/api/v1/ping/", 200, "/ping/"),
        new("/api/v1/something/new", 200, "/something/new"),
        new("/api/v1ping", 404),
        new("/", 404),
        new("/ping", 404),

        // Slashes.
        new("/api/v1//ping", 200, "/ping"),
        new("/api/v1///a//b", 200, "/a/b"),
        new("//api/v1/ping", 200, "/ping"),
        new("/api//v1/ping", 200, "/ping"),

        // Case.
        new("/API/V1/ping", 200, "/ping"),
        new("/Api/v1/PING", 200, "/PING"),

        // Query.
        new("/api/v1?x=1", 200, "/?x=1"),
        new("/api/v1/ping?x=1&y=%2F", 200, "/ping?x=1&y=%2F"),
        new("/api/v1/ping?x=%zz", 200, "/ping?x=%zz"),
        new("/api/v1/ping?", 200, "/ping"),
        new("/api/v1/ping??", 200, "/ping??"),
        new("/api/v1/ping#frag", 200, "/ping"),
        new("/api/v1/ping?x#frag", 200, "/ping?x"),

        // Escapes.
        new("/api/v1/a%2Fb", 200, "/a/b"),
        new("/api%2Fv1/ping", 200, "/ping"),
        new("/api/v1%2Fping", 200, "/ping"),
        new("/api/v1/a%20b", 200, "/a%20b"),
        new("/api/v1/a%25b", 200, "/a%25b"),
        new("/api/v1/a%3Fb", 200, "/a%3Fb"),
        new("/api/v1/a%23b", 200, "/a%23b"),
        new("/api/v1/caf%C3%A9", 200, "/caf%C3%A9"),
        new("/api/v1/caf%c3%a9", 200, "/caf%C3%A9"),
        new("/api/v1/a%3Bb", 200, "/a;b"),
        new("/api/v1/a%7Eb%2Dc", 200, "/a~b-c"),
        new("/api/v1/a%2520b", 200, "/a%2520b"),
        new("/api/v1/a%22b", 200, "/a%22b"),
        new("/api/v1/a+b", 200, "/a+b"),

        // Dot segments.
        new("/api/v1/./ping", 200, "/ping"),
        new("/api/v1/x/../ping", 200, "/ping"),
        new("/x/../api/v1/ping", 200, "/ping"),
        new("/api/v1/../ping", 404),
        new("/api/v1/%2e%2e/ping", 404),
        new("/api/v1/..%2fping", 404),
        new("/api/v1/...", 200, "/..."),
        new("/../ping", 400),

        // Newlines: "." takes none, "$" stands before a final one.
        new("/api/v1/a%0Ab", 200, "/a"),
        new("/api/v1%0A", 200, "/"),

        // Refused.
        new("/api/v1/%00", 400),
        new("/api/v1/%zz", 400),
        new("/api/v1/%2", 400),
        new("/api/v1/%u0041", 400),
        new("/api/v1/\u0001", 400),
        new("/api/v1/\u007f", 400),

        // Start-anchored.
        new("/foo/api/v1/ping", 404),
    ];

    /// <summary>A request of the reference.</summary>
    public sealed record Row(string Target, int Status, string? Upstream = null);
}
