namespace Istio.Documents;

/// <summary>A place in a file. Line and column count from 1.</summary>
/// <param name="File">The path as the user gave it, so that a terminal can open it.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1, in UTF-16 code units.</param>
public readonly record struct SourceLocation(string File, int Line, int Column)
{
    /// <summary><c>file:line</c>, the form compilers print.</summary>
    public override string ToString() => $"{File}:{Line}";
}

/// <summary>How bad a finding is: an error stops a run or a publish, a warning is printed.</summary>
public enum Severity
{
    /// <summary>Suspicious, but the documents can be used.</summary>
    Warning,

    /// <summary>The documents cannot be used as they are.</summary>
    Error,
}

/// <summary>One thing that is wrong in the documents, and where.</summary>
/// <param name="Location">File, line and column.</param>
/// <param name="Severity">Error or warning.</param>
/// <param name="Code">A code of the finding table, for example <c>IST0106</c>.</param>
/// <param name="Kind">The resource's kind; empty when it is not known.</param>
/// <param name="Name">The resource's name; empty when it is not known.</param>
/// <param name="Field">Path of the field, for example <c>spec.http[0].timeout</c>; empty for the whole document.</param>
/// <param name="Message">What is wrong and what to do, in one sentence.</param>
public sealed record Finding(
    SourceLocation Location, Severity Severity, string Code, string Kind, string Name, string Field, string Message)
{
    /// <summary><c>file:line: error|warning CODE kind/name field: message</c>; what is not known is left out.</summary>
    public override string ToString()
    {
        var level = Severity == Severity.Error ? "error" : "warning";
        var resource = Kind.Length == 0 ? "" : Name.Length == 0 ? Kind : $"{Kind}/{Name}";
        var subject = string.Join(' ', new[] { resource, Field }.Where(part => part.Length > 0));
        return $"{Location}: {level} {Code} {(subject.Length == 0 ? "" : subject + ": ")}{Message}";
    }
}

/// <summary>An entry of the table of finding codes, from which the documentation of the codes is generated.</summary>
/// <param name="Code">The code, for example <c>YAML004</c>.</param>
/// <param name="Severity">The severity that findings with this code have.</param>
/// <param name="Title">A few words.</param>
/// <param name="Meaning">What is wrong and why it matters.</param>
/// <param name="Example">A piece of YAML that has the fault.</param>
/// <param name="Fix">What to do.</param>
public sealed record FindingCode(string Code, Severity Severity, string Title, string Meaning, string Example, string Fix);
