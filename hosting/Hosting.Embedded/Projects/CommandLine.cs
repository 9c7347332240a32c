using System.Text;

namespace Aspire.Hosting;

/// <summary>Splits a command line into arguments, as <c>dotnet run</c> does with <c>commandLineArgs</c> of a launch profile.</summary>
internal static class CommandLine
{
    /// <summary>Splits at white space; quotes keep it, <c>\"</c> is a quote, other backslashes stay.</summary>
    public static IReadOnlyList<string> Split(string commandLine)
    {
        var args = new List<string>();
        var current = new StringBuilder();
        var inQuotes = false;
        var hasArg = false;
        for (var i = 0; i < commandLine.Length; i++)
        {
            var c = commandLine[i];
            if (c == '\\' && i + 1 < commandLine.Length && commandLine[i + 1] == '"')
            {
                current.Append('"');
                hasArg = true;
                i++;
            }
            else if (c == '"')
            {
                inQuotes = !inQuotes;
                hasArg = true;
            }
            else if (char.IsWhiteSpace(c) && !inQuotes)
            {
                Flush();
            }
            else
            {
                current.Append(c);
                hasArg = true;
            }
        }

        Flush();
        return args;

        void Flush()
        {
            if (hasArg)
            {
                args.Add(current.ToString());
                current.Clear();
                hasArg = false;
            }
        }
    }
}
