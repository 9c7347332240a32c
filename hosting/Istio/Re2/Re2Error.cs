namespace Istio.Re2;

/// <summary>What is wrong with a pattern or a substitution. The names are RE2's (<c>RE2::ErrorCode</c>) where RE2 has one.</summary>
public enum Re2ErrorCode
{
    /// <summary>An escape that RE2 does not know, such as a back reference <c>\1</c>, <c>\Z</c>, or <c>\d</c> to end a range.</summary>
    BadEscape,

    /// <summary>A range that runs backwards, or a named class that does not exist.</summary>
    BadCharRange,

    /// <summary>A character class without its closing <c>]</c>.</summary>
    MissingBracket,

    /// <summary>A group without its closing <c>)</c>.</summary>
    MissingParen,

    /// <summary>A <c>)</c> that closes nothing.</summary>
    UnexpectedParen,

    /// <summary>The pattern ends in a lone backslash.</summary>
    TrailingBackslash,

    /// <summary>A repetition operator with nothing before it to repeat.</summary>
    RepeatArgument,

    /// <summary>A count above 1000, also as the product of nested counts, or a maximum below its minimum.</summary>
    RepeatSize,

    /// <summary>Two repetition operators in a row, such as <c>a**</c> or <c>a++</c>.</summary>
    RepeatOp,

    /// <summary>A group or flag that RE2 does not have, such as the look-ahead <c>(?=</c>.</summary>
    BadPerlOp,

    /// <summary>Text that has no UTF-8 form: half of a surrogate pair.</summary>
    BadUtf8,

    /// <summary>A group name that is not a word, not closed, or used twice.</summary>
    BadNamedCapture,

    /// <summary>A pattern whose compiled form is above what Istio lets Envoy accept.</summary>
    PatternTooLarge,

    /// <summary>Groups and repetitions nested more than 1000 deep.</summary>
    NestingDepth,

    /// <summary>A substitution with a stray backslash or with a reference to a group that the pattern does not have.</summary>
    BadRewrite,
}

/// <summary>Why a pattern or a substitution was refused.</summary>
/// <param name="Code">The kind of error.</param>
/// <param name="Message">RE2's text and the offending part, as Envoy would report it.</param>
/// <param name="Position">Where the offending part starts: a zero-based index into the string that was parsed.</param>
public sealed record Re2Error(Re2ErrorCode Code, string Message, int Position);
