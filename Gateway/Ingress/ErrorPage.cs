using System.Text;

namespace Gateway.Ingress;

/// <summary>The short HTML pages with which nginx answers what it does not forward (server_tokens off).</summary>
internal static class ErrorPage
{
    private static readonly Dictionary<int, byte[]> Pages = new (int Status, string Title)[]
    {
        (301, "Moved Permanently"),
        (400, "Bad Request"),
        (404, "Not Found"),
        (405, "Not Allowed"),
        (413, "Request Entity Too Large"),
        (414, "Request-URI Too Large"),
        (500, "Internal Server Error"),
        (502, "Bad Gateway"),
        (503, "Service Temporarily Unavailable"),
        (504, "Gateway Time-out"),
    }.ToDictionary(page => page.Status, page => Encoding.ASCII.GetBytes(
        $"<html>\r\n<head><title>{page.Status} {page.Title}</title></head>\r\n<body>\r\n"
        + $"<center><h1>{page.Status} {page.Title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"));

    /// <summary>Answers with a status and its page.</summary>
    public static Task WriteAsync(HttpContext context, int status)
    {
        var response = context.Response;
        var page = Pages[status];
        response.StatusCode = status;
        response.ContentType = "text/html";
        response.ContentLength = page.Length;

        // nginx keeps no connection on which it could not make sense of a request, or has not read its body.
        if (status is 400 or 413 or 414 or 500 && HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            response.Headers.Connection = "close";
        }

        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(page, context.RequestAborted).AsTask();
    }
}
