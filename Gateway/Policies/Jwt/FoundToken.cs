namespace Gateway.Policies.Jwt;

/// <summary>A token as a request carries it, and where.</summary>
/// <param name="Text">The token.</param>
/// <param name="Header">The header it stands in, or null.</param>
/// <param name="Parameter">The query parameter it stands in, or null.</param>
internal readonly record struct FoundToken(ReadOnlyMemory<char> Text, string? Header, string? Parameter);
