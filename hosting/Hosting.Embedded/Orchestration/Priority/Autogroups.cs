using System.Globalization;

namespace Aspire.Hosting.Orchestration.Priority;

/// <summary>
/// The shares of sessions on Linux: its scheduler divides the processors between sessions first, each of which has a nice value of its
/// own that its owner may raise and lower again (https://man7.org/linux/man-pages/man7/sched.7.html, "The autogroup feature"; a
/// process's own nice value can only be raised). Where the feature is off, or control groups have taken its place, as in a container,
/// there is nothing to change, and on other systems neither.
/// </summary>
/// <param name="own">The file that names the session of this process.</param>
internal sealed class Autogroups(string own = "/proc/self/autogroup") : IProcessorShares
{
    private const int Nice = 5; // weighs 335 where 0 weighs 1024
    private const int TryAgain = 11; // EAGAIN

    /// <inheritdoc/>
    public ShareChange Change(int processId, bool reduced)
    {
        if (!OperatingSystem.IsLinux())
        {
            return ShareChange.Impossible;
        }

        try
        {
            // A session that is this process's too is the user's terminal; one that somebody gave a nice value is theirs.
            var path = $"/proc/{processId}/autogroup";
            if (Read(path) is not (var group, var nice) || nice != (reduced ? 0 : Nice) || group == Read(own)?.Group)
            {
                return ShareChange.Impossible;
            }

            Write(path, reduced ? Nice : 0);
            return ShareChange.Done;
        }
        catch (IOException exception) when (exception.HResult == TryAgain)
        {
            return ShareChange.Busy;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ShareChange.Impossible;
        }
    }

    // "/autogroup-53 nice 0"; nothing for a process of the session in which the system itself was started, as services and containers may
    // be, or of a control group that has taken the session's place.
    private static (string Group, int Nice)? Read(string path) =>
        File.ReadAllText(path).TrimEnd().Split(" nice ") is [var group, var nice]
            ? (group, int.Parse(nice, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
            : null;

    private static void Write(string path, int nice)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        RandomAccess.Write(file, System.Text.Encoding.ASCII.GetBytes(nice.ToString(CultureInfo.InvariantCulture)), 0);
    }
}
