namespace Gateway.Registry;

/// <summary>One replica of a service.</summary>
/// <param name="Address">IP address or DNS name.</param>
/// <param name="Port">TCP port.</param>
internal sealed record ServiceEndpoint(string Address, int Port)
{
    /// <summary>The beginning of every URI at this endpoint, such as <c>http://10.0.0.1:8080</c>.</summary>
    public string Prefix { get; } = Address.Contains(':') ? $"http://[{Address}]:{Port}" : $"http://{Address}:{Port}";

    /// <summary>Address and port.</summary>
    public override string ToString() => Prefix["http://".Length..];
}
