using System.Net.Security;
using Gateway.Proxy;

namespace Gateway.Tests.Listening;

/// <summary>BoringSSL's names of cipher suites.</summary>
public sealed class CipherSuitesTests
{
    private static List<TlsCipherSuite> Of(params string[] names) => [.. CipherSuites.Of(names, [])];

    [Theory]
    [InlineData("ECDHE-ECDSA-AES128-GCM-SHA256", TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)]
    [InlineData("ECDHE-RSA-CHACHA20-POLY1305", TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256)]
    [InlineData("ECDHE-RSA-AES256-SHA", TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA)]
    [InlineData("AES128-SHA", TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA)]
    [InlineData("DES-CBC3-SHA", TlsCipherSuite.TLS_RSA_WITH_3DES_EDE_CBC_SHA)]
    public void A_name_is_a_suite_beside_those_of_TLS_1_3(string name, TlsCipherSuite suite) => Assert.Equal(
        [TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, suite],
        Of(name));

    [Fact]
    public void Unknown_names_are_left_out_and_nothing_but_them_leaves_the_systems_suites()
    {
        Assert.Equal(4, Of("TLS_AES_128_GCM_SHA256", "AES128-SHA", "AES128-SHA").Count);
        Assert.Empty(Of("NO-SUCH-SUITE"));
        Assert.Empty(Of());
    }

    [Fact]
    public void Suites_are_taken_away_from_all()
    {
        Assert.Equal(18, Of("ALL").Count);
        Assert.DoesNotContain(TlsCipherSuite.TLS_RSA_WITH_3DES_EDE_CBC_SHA, Of("ALL", "!DES-CBC3-SHA"));
        Assert.Equal(5, Of("[AES128-SHA|AES256-SHA]", "-NO-SUCH-SUITE").Count);
    }

    [Fact]
    public void Other_expressions_are_said_to_be_none()
    {
        var notUnderstood = new List<string>();
        Assert.Equal(4, CipherSuites.Of(["AES128-SHA", "@STRENGTH", "!aNULL"], notUnderstood).Count);
        Assert.Equal(["@STRENGTH", "!aNULL"], notUnderstood);
    }
}
