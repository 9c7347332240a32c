namespace Aspire.Hosting;

/// <summary>An error in the declaration or the run of the application that its author can act on. The message is one sentence.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>Creates the exception with a general message.</summary>
    public DistributedApplicationException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, and what to do.</param>
    public DistributedApplicationException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="inner">The cause.</param>
    public DistributedApplicationException(string message, Exception inner) : base(message, inner)
    {
    }
}
