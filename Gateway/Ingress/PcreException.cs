namespace Gateway.Ingress;

/// <summary>A pattern this gateway cannot execute: no valid PCRE, or a construct with another meaning in .NET.</summary>
internal sealed class PcreException : Exception
{
    /// <summary>Describes what is wrong and where.</summary>
    /// <param name="position">Index of the character in the pattern, from 0.</param>
    /// <param name="message">What is wrong, one sentence without its position.</param>
    public PcreException(int position, string message)
        : base(message) => Position = position;

    /// <summary>Index of the character in the pattern, from 0.</summary>
    public int Position { get; }
}
