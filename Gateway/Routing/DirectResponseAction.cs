namespace Gateway.Routing;

/// <summary>Answers with a fixed response.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body; empty for none. Sent as <c>text/plain</c> unless a header operation says otherwise.</param>
internal sealed record DirectResponseAction(int Status, ReadOnlyMemory<byte> Body);
