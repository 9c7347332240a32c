using System.IO.Pipelines;

namespace Gateway.Forwarding;

/// <summary>The client's end of a request that is forwarded, whoever serves it.</summary>
internal interface IClient
{
    /// <summary>The request's method.</summary>
    string Method { get; }

    /// <summary>Cancelled when the client has gone.</summary>
    CancellationToken Gone { get; }

    /// <summary>Takes the response's body.</summary>
    PipeWriter Body { get; }

    /// <summary>Writes the request as the endpoint gets it.</summary>
    RequestMessage WriteRequest(string target, RequestBody? body);

    /// <summary>Writes the response's head.</summary>
    void WriteHead(ResponseHead head);

    /// <summary>Answers with a status and nginx's page for it.</summary>
    Task AnswerAsync(int status);

    /// <summary>Breaks the connection off.</summary>
    void Abort();
}
