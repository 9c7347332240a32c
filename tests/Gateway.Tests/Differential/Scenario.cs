using Gateway.Tests.Support;

namespace Gateway.Tests.Differential;

/// <summary>
/// Ingress documents for the gateway and, written by hand, the nginx configuration that ingress-nginx makes of them: the same hosts on
/// both sides, two services, told apart by the first letter of what they answer.
/// </summary>
internal static class Scenario
{
    public const string Static = "static.example.com";
    public const string Regex = "regex.example.com";
    public const string Mixed = "mixed.example.com";
    public const string Plain = "plain.example.com";
    public const string Wildcard = "*.wild.example.com";

    private const string Rewrite = "nginx.ingress.kubernetes.io/rewrite-target";

    /// <summary>The documents, with the ports of services <c>gin-demo</c> (A) and <c>other</c> (B).</summary>
    public static string Yaml(int a, int b) => Documents.Join(
        Documents.Seed(a),
        Documents.Service("other"),
        Documents.Workload("other", b),
        Documents.Ingress("static", Static, "",
            "Prefix /foo gin-demo", "Exact /bar gin-demo", "Prefix /bar other", "Prefix /foo/deep/ other", "Exact /slash/ gin-demo",
            "ImplementationSpecific /impl other", "Prefix /Case.Sensitive gin-demo"),
        Documents.Ingress("plain", Plain, "", "Prefix / gin-demo", "Prefix /b other"),
        Documents.Ingress("regex", Regex, "nginx.ingress.kubernetes.io/use-regex: \"true\"",
            @"ImplementationSpecific /items/[0-9]+$ gin-demo", @"ImplementationSpecific /files/.*\.(png|jpg) other",
            @"ImplementationSpecific /v[12]/(users|orders)/? gin-demo", @"ImplementationSpecific /word/\w+/\s\d other",
            @"ImplementationSpecific /[[:alpha:]]+/x++y gin-demo", @"ImplementationSpecific /alt|/any other"),
        Documents.Ingress("mixed-a", Mixed, $"{Rewrite}: /new/$2/$1",
            @"ImplementationSpecific /old/([^/]+)/(.*) gin-demo", @"ImplementationSpecific /opt(/(a|b))?/(.*)$ other"),
        Documents.Ingress("mixed-b", Mixed, $"{Rewrite}: $1", @"ImplementationSpecific /strip(/.*)? gin-demo"),
        Documents.Ingress("mixed-c", Mixed, "", "Prefix /prefix other", "Exact /exact gin-demo"),
        Documents.Ingress("mixed-d", Mixed, $"{Rewrite}: /$1$9/x", @"ImplementationSpecific /(?<tail>l[a-z]*)\b.* other"),
        Documents.Ingress("wild", Wildcard, $"{Rewrite}: /w/$1", "ImplementationSpecific /(.*) other"));

    /// <summary>nginx's upstreams.</summary>
    public static string Upstreams(int a, int b) => $$"""
        upstream a { server 127.0.0.1:{{a}}; keepalive 320; keepalive_requests 1000000; }
        upstream b { server 127.0.0.1:{{b}}; keepalive 320; keepalive_requests 1000000; }
        """;

    /// <summary>nginx's servers. ingress-nginx sorts locations by descending length of the path, then descending.</summary>
    public static string Servers(int port) => $$"""
        server {
            listen 127.0.0.1:{{port}} default_server;
            server_name _;
            location ~* "^/api/v1(/|$)(.*)" { rewrite "(?i)/api/v1(/|$)(.*)" /$2 break; proxy_pass http://a; }
            location "/" { return 404; }
            location /healthz { return 200; }
        }
        server {
            listen 127.0.0.1:{{port}};
            server_name {{Static}};
            location "/Case.Sensitive/" { proxy_pass http://a; }
            location = "/Case.Sensitive" { proxy_pass http://a; }
            location "/foo/deep/" { proxy_pass http://b; }
            location = "/foo/deep/" { proxy_pass http://b; }
            location = "/slash/" { proxy_pass http://a; }
            location "/impl/" { proxy_pass http://b; }
            location = "/impl" { proxy_pass http://b; }
            location "/foo/" { proxy_pass http://a; }
            location = "/foo" { proxy_pass http://a; }
            location = "/bar" { proxy_pass http://a; }
            location "/bar/" { proxy_pass http://b; }
            location "/" { return 404; }
        }
        server {
            listen 127.0.0.1:{{port}};
            server_name {{Plain}};
            location "/b/" { proxy_pass http://b; }
            location = "/b" { proxy_pass http://b; }
            location "/" { proxy_pass http://a; }
        }
        server {
            listen 127.0.0.1:{{port}};
            server_name {{Regex}};
            location ~* "^/v[12]/(users|orders)/?" { proxy_pass http://a; }
            location ~* "^/files/.*\\.(png|jpg)" { proxy_pass http://b; }
            location ~* "^/[[:alpha:]]+/x++y" { proxy_pass http://a; }
            location ~* "^/items/[0-9]+$" { proxy_pass http://a; }
            location ~* "^/word/\\w+/\\s\\d" { proxy_pass http://b; }
            location ~* "^/alt|/any" { proxy_pass http://b; }
            location ~* "^/" { return 404; }
        }
        server {
            listen 127.0.0.1:{{port}};
            server_name {{Mixed}};
            location ~* "^/(?<tail>l[a-z]*)\\b.*" { rewrite "(?i)/(?<tail>l[a-z]*)\\b.*" /$1$9/x break; proxy_pass http://b; }
            location ~* "^/old/([^/]+)/(.*)" { rewrite "(?i)/old/([^/]+)/(.*)" /new/$2/$1 break; proxy_pass http://a; }
            location ~* "^/opt(/(a|b))?/(.*)$" { rewrite "(?i)/opt(/(a|b))?/(.*)$" /new/$2/$1 break; proxy_pass http://b; }
            location ~* "^/strip(/.*)?" { rewrite "(?i)/strip(/.*)?" $1 break; proxy_pass http://a; }
            location ~* "^/prefix/" { proxy_pass http://b; }
            location ~* "^/prefix" { proxy_pass http://b; }
            location ~* "^/exact" { proxy_pass http://a; }
            location ~* "^/" { return 404; }
        }
        server {
            listen 127.0.0.1:{{port}};
            server_name "~^(?<subdomain>[\w-]+)\.wild\.example\.com$";
            location ~* "^/(.*)" { rewrite "(?i)/(.*)" /w/$1 break; proxy_pass http://b; }
            location ~* "^/" { return 404; }
        }
        """;
}
