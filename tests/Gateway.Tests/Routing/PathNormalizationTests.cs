using Gateway.Routing;

namespace Gateway.Tests.Routing;

/// <summary>The table of istio's tests/integration/security/normalization_test.go, and what Envoy's own tests add to it.</summary>
public sealed class PathNormalizationTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/app#foo", "/app")]
    [InlineData("/app/../admin", "/app/../admin")]
    [InlineData("/app//", "/app//")]
    [InlineData("/app/%2f", "/app/%2f")]
    [InlineData("/xyz%30..//abc", "/xyz%30..//abc")]
    [InlineData("/app/%2E./admin", "/app/%2E./admin")]
    [InlineData(@"/app/\/\/\admin", @"/app/\/\/\admin")]
    [InlineData("/%00", "/%00")]
    public void None_leaves_the_path(string target, string path) => Check("NONE", target, path);

    [Theory]
    [InlineData("/", "/")]
    [InlineData("", "/")]
    [InlineData("a/b", "/a/b")]
    [InlineData("/app#foo", "/app")]
    [InlineData("/app/", "/app/")]
    [InlineData("/app/../admin", "/admin")]
    [InlineData("/app/..", "/")]
    [InlineData("/app/.", "/app/")]
    [InlineData("/./app", "/app")]
    [InlineData("/../app", "/app")]
    [InlineData("/a/b/../../../../c", "/c")]
    [InlineData("/app//", "/app//")]
    [InlineData("/app/%2f", "/app/%2f")]
    [InlineData("/app%2f/", "/app%2f/")]
    [InlineData("/xyz%30..//abc", "/xyz0..//abc")]
    [InlineData("/app/%2E./admin", "/admin")]
    [InlineData("/app/%2e%2E/admin", "/admin")]
    [InlineData(@"/app\admin", "/app/admin")]
    [InlineData(@"/a/..\c", "/c")]
    [InlineData(@"\a", "/a")]
    [InlineData(@"/app/\/\/\admin", "/app//////admin")]
    [InlineData("/%2Fapp%5cadmin%5Cabc", "/%2Fapp%5cadmin%5Cabc")]
    [InlineData(@"/%5Capp%2f%5c%2F%2e%2e%2fadmin%5c\abc", "/%5Capp%2f%5c%2F..%2fadmin%5c/abc")]
    [InlineData("/app//../admin", "/app/admin")]
    [InlineData("/app//../../admin", "/admin")]
    [InlineData("/%c0%af", "/%c0%af")]
    [InlineData("/%5c%25", "/%5c%25")]
    [InlineData("/a%41%7e%2D%5F", "/aA~-_")]
    [InlineData("/a b", "/a%20b")]
    [InlineData("/a\"<>^`{|}", "/a%22%3C%3E%5E%60%7B%7C%7D")]
    [InlineData("/[a];b=@,c!$&'()*+:", "/[a];b=@,c!$&'()*+:")]
    [InlineData("/é", "/%E9")]
    [InlineData("/%zz%2", "/%zz%2")]
    [InlineData("/%%300", "/%2500")]
    [InlineData("/%%30%30", "/%2500")]
    [InlineData("/%2%36", "/%2526")]
    [InlineData("/.../..../..;/a", "/.../..../..;/a")]
    [InlineData("/a.b/.c/..d/e.", "/a.b/.c/..d/e.")]
    public void Base_resolves_dot_segments_and_decodes_what_needs_no_escape(string target, string path) => Check("BASE", target, path);

    [Theory]
    [InlineData("/app//", "/app/")]
    [InlineData("///a////b", "/a/b")]
    [InlineData("/app/%2f", "/app/%2f")]
    [InlineData("/xyz%30..//abc", "/xyz0../abc")]
    [InlineData(@"/app/\/\/\admin", "/app/admin")]
    [InlineData("/%2Fapp%5cadmin%5Cabc", "/%2Fapp%5cadmin%5Cabc")]
    [InlineData("/app//../admin", "/app/admin")]
    [InlineData("/app//../../admin", "/admin")]
    public void Merge_slashes_comes_after_dot_segments(string target, string path) => Check("MERGE_SLASHES", target, path);

    [Theory]
    [InlineData("/app/%2f", "/app/")]
    [InlineData("/app%2f/", "/app/")]
    [InlineData("/%2Fapp%5cadmin%5Cabc", "/app/admin/abc")]
    [InlineData(@"/%5Capp%2f%5c%2F%2e%2e%2fadmin%5c\abc", "/app/admin/abc")]
    [InlineData("/%c0%2e%c0%2e/admin", "/%c0.%c0./admin")]
    [InlineData("/%c0%2fadmin", "/%c0/admin")]
    [InlineData("/%252e%252e%252fadmin", "/%252e%252e%252fadmin")]
    [InlineData("/0x2e0x2e0x2fadmin", "/0x2e0x2e0x2fadmin")]
    [InlineData("/..;/admin", "/..;/admin")]
    [InlineData("/admin;a=b/xyz", "/admin;a=b/xyz")]
    public void Decode_and_merge_slashes_decodes_first(string target, string path) => Check("DECODE_AND_MERGE_SLASHES", target, path);

    [Fact]
    public void Of_all_escapes_exactly_the_unreserved_characters_and_slashes_are_decoded()
    {
        for (var code = 1; code <= 255; code++)
        {
            var escape = $"/admin%{code:x2}";
            var value = (char)code;
            var expected = char.IsAsciiLetterOrDigit(value) || value is '-' or '.' or '_' or '~' ? $"/admin{value}"
                : value is '/' or '\\' ? "/admin/" : escape;
            Check("DECODE_AND_MERGE_SLASHES", escape, expected);
        }
    }

    [Theory]
    [InlineData("/admin%00")]
    [InlineData("/xyz/.%00../abc")]
    [InlineData("/xyz/AAAAA%%0000/abc")]
    public void A_path_with_a_zero_byte_is_refused(string target) => Assert.False(PathNormalization.Base.TryNormalize(target, out _, out _));

    [Theory]
    [InlineData("/a//b?c=//d/../e%2F#f", "/a//b", "?c=//d/../e%2F")]
    [InlineData("/a?", "/a", "?")]
    [InlineData("/a??b", "/a", "??b")]
    [InlineData("?b", "/", "?b")]
    public void The_query_stays_as_it_is(string target, string path, string query)
    {
        Assert.True(PathNormalization.Base.TryNormalize(target, out var normalized, out var rest));
        Assert.Equal((path, query), (normalized, rest));
    }

    [Fact]
    public void A_long_path_is_normalised_too()
    {
        var segment = new string('a', 3000);
        Check("BASE", $"/{segment}/../{segment} ", $"/{segment}%20");
    }

    [Fact]
    public void A_path_that_is_normal_is_not_copied()
    {
        const string Target = "/api/v1/ping.html";
        Assert.True(PathNormalization.DecodeAndMergeSlashes.TryNormalize(Target, out var path, out _));
        Assert.Same(Target, path);
    }

    [Fact]
    public void The_mode_comes_from_an_IstioOperator_or_the_meshs_ConfigMap()
    {
        Assert.Equal("BASE", CompiledRoutes.Of(CompiledRoutes.Basics).Routes.Normalization.Name);
        Assert.Equal("MERGE_SLASHES", CompiledRoutes.Of("""
            apiVersion: install.istio.io/v1alpha1
            kind: IstioOperator
            metadata: { name: mesh }
            spec: { meshConfig: { pathNormalization: { normalization: MERGE_SLASHES } } }

            """).Routes.Normalization.Name);
        Assert.Equal("DECODE_AND_MERGE_SLASHES", CompiledRoutes.Of("""
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: istio, namespace: istio-system }
            data:
              mesh: |-
                accessLogFile: /dev/stdout
                pathNormalization:
                  normalization: DECODE_AND_MERGE_SLASHES

            """).Routes.Normalization.Name);
        var wrong = CompiledRoutes.Of("""
            apiVersion: install.istio.io/v1alpha1
            kind: IstioOperator
            metadata: { name: mesh }
            spec: { meshConfig: { pathNormalization: { normalization: MERGE } } }

            """);
        Assert.Equal(("GWY058", "spec.meshConfig.pathNormalization.normalization"), (Assert.Single(wrong.Findings).Code, wrong.Findings[0].Field));
    }

    private static void Check(string mode, string target, string path)
    {
        Assert.True(PathNormalization.Of(mode)!.TryNormalize(target, out var normalized, out _));
        Assert.Equal(path, normalized);
    }
}
