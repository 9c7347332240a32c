using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Gateway.Policies.Jwt;
using Gateway.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Policies;

/// <summary>Keys that are fetched: when, how often again, and what happens when it fails.</summary>
public sealed class RemoteKeysTests : IAsyncDisposable
{
    private static readonly TokenIssuer Issuer = TokenIssuer.Hmac();
    private static readonly TokenIssuer Next = TokenIssuer.Hmac();
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly ObservedTime _time = new();
    private readonly Server _server = new();
    private readonly HttpMessageInvoker _http;
    private readonly List<RemoteKeys> _started = [];

    public RemoteKeysTests() => _http = new HttpMessageInvoker(_server);

    public async ValueTask DisposeAsync()
    {
        foreach (var keys in _started)
        {
            keys.Dispose();
            await keys.Completion;
        }

        _http.Dispose();
    }

    private RemoteKeys Start(string? url = "http://issuer.example/keys")
    {
        var keys = new RemoteKeys("http://issuer.example/", url, Timeout, _http, _time, NullLogger.Instance);
        _started.Add(keys);
        return keys;
    }

    private static string? Verify(RemoteKeys keys, TokenIssuer issuer)
    {
        Assert.True(keys.TryGet(out var set));
        return set is null ? JwtStatus.NoValidKeys : set.Verify(ParsedToken.Parse(issuer.Token()).Token!);
    }

    [Fact]
    public async Task Keys_are_fetched_at_once_and_every_20_minutes()
    {
        _server.Answer("/keys", Issuer.KeySet);
        var keys = Start();
        await keys.Ready;
        Assert.Null(Verify(keys, Issuer));

        await _time.WaitForTimerAsync(RemoteKeys.RefreshInterval);
        _server.Answer("/keys", Next.KeySet);
        _time.Advance(RemoteKeys.RefreshInterval - TimeSpan.FromSeconds(1));
        Assert.Equal(1, _server.Requests);
        _time.Advance(TimeSpan.FromSeconds(1));
        await _time.WaitForTimerAsync(RemoteKeys.RefreshInterval);
        Assert.Equal(2, _server.Requests);
        Assert.Null(Verify(keys, Next));
        Assert.NotNull(Verify(keys, Issuer));
    }

    [Fact]
    public async Task Until_the_first_answer_there_are_no_keys()
    {
        var gate = _server.Hold("/keys", Issuer.KeySet);
        var keys = Start();
        Assert.False(keys.TryGet(out _));
        Assert.False(keys.Ready.IsCompleted);
        gate.SetResult();
        await keys.Ready;
        Assert.Null(Verify(keys, Issuer));
    }

    [Theory]
    [InlineData("http://issuer.example/none")]
    [InlineData("http://issuer.example/nonsense")]
    [InlineData("http://issuer.example/list")]
    [InlineData("ftp://issuer.example/keys")]
    [InlineData("/keys")]
    public async Task What_cannot_be_fetched_refuses_every_token(string url)
    {
        _server.Answer("/nonsense", "<html>");
        _server.Answer("/list", "[]");
        var keys = Start(url);
        await keys.Ready;
        Assert.Equal(JwtStatus.VerificationFails, Verify(keys, Issuer));
    }

    [Fact]
    public async Task A_first_failure_is_followed_by_more_attempts_without_requests_waiting()
    {
        var keys = Start();
        await keys.Ready;

        // The second round begins at once; its first attempt fails, too.
        await _time.WaitForTimerAsync(RemoteKeys.RetryInterval);
        Assert.Equal(2, _server.Requests);
        _server.Answer("/keys", Issuer.KeySet);
        _time.Advance(RemoteKeys.RetryInterval);
        await _time.WaitForTimerAsync(RemoteKeys.RefreshInterval);
        Assert.Null(Verify(keys, Issuer));
    }

    [Fact]
    public async Task Rounds_that_fail_come_ever_less_often_and_keys_stay_in_force_for_a_week()
    {
        _server.Answer("/keys", Issuer.KeySet);
        var keys = Start();
        await _time.WaitForTimerAsync(RemoteKeys.RefreshInterval);
        _server.Fail();
        _time.Advance(RemoteKeys.RefreshInterval);
        foreach (var minutes in (int[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            for (var i = 0; i < RemoteKeys.Retries; i++)
            {
                await _time.WaitForTimerAsync(RemoteKeys.RetryInterval);
                _time.Advance(RemoteKeys.RetryInterval);
            }

            await _time.WaitForTimerAsync(TimeSpan.FromMinutes(minutes));
            Assert.Null(Verify(keys, Issuer));
            _time.Advance(TimeSpan.FromMinutes(minutes));
        }

        await _time.WaitForTimerAsync(RemoteKeys.RetryInterval);
        _time.Advance(RemoteKeys.Lifetime);
        await _time.WaitForTimerAsync(RemoteKeys.RetryInterval);
        Assert.Equal(JwtStatus.VerificationFails, Verify(keys, Issuer));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_waited_for_5_seconds()
    {
        _server.Hold("/keys", Issuer.KeySet);
        var keys = Start();
        Assert.Equal(Timeout, await _time.NextTimerAsync());
        _time.Advance(Timeout);
        await keys.Ready;
        Assert.Equal(JwtStatus.VerificationFails, Verify(keys, Issuer));
    }

    [Fact]
    public async Task Without_a_URL_the_issuer_is_asked_where_its_keys_are()
    {
        _server.Answer("/.well-known/openid-configuration", "{\"jwks_uri\":\"http://issuer.example/certs\"}");
        _server.Answer("/certs", Issuer.KeySet);
        var keys = Start(null);
        await keys.Ready;
        Assert.Null(Verify(keys, Issuer));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("no json")]
    [InlineData("{\"jwks_uri\":1}")]
    public async Task An_issuer_that_does_not_tell_has_no_keys(string answer)
    {
        _server.Answer("/.well-known/openid-configuration", answer);
        var keys = Start(null);
        await keys.Ready;
        Assert.Equal(JwtStatus.VerificationFails, Verify(keys, Issuer));
    }

    [Fact]
    public async Task A_document_too_big_to_be_a_key_set_is_not_read()
    {
        _server.Answer("/keys", Issuer.KeySet + new string(' ', 1 << 20));
        var keys = Start();
        await keys.Ready;
        Assert.Equal(JwtStatus.VerificationFails, Verify(keys, Issuer));
    }

    [Fact]
    public async Task Disposing_ends_the_waiting()
    {
        _server.Hold("/keys", Issuer.KeySet);
        var keys = Start();
        keys.Dispose();
        await keys.Completion;
        await keys.Ready;
        Assert.Equal(JwtStatus.VerificationFails, Verify(keys, Issuer));
    }

    [Fact]
    public async Task Requests_wait_for_the_first_keys_and_a_reload_keeps_them()
    {
        await using var server = await StartServerAsync();
        var url = server.Urls.Single();
        using var mesh = new PolicyMesh();
        var authentication = $$"""
            apiVersion: security.istio.io/v1
            kind: RequestAuthentication
            metadata: { name: tokens }
            spec: { jwtRules: [{issuer: '{{TokenIssuer.Name}}', jwksUri: '{{url}}/keys', forwardOriginalToken: true}] }

            """;
        var request = PolicyMesh.Request(headers: $"Authorization: Bearer {Issuer.Token()}");
        var answer = await EvaluateAsync(mesh, authentication, request);
        Assert.Null(answer);
        Assert.Equal("me", (string?)request.Claims!["sub"]);

        await server.StopAsync(TestContext.Current.CancellationToken);
        Assert.Null(PolicyMesh.Evaluate(mesh.Chain(authentication), request));
    }

    [Fact]
    public async Task A_client_that_goes_away_does_not_wait_for_keys()
    {
        _server.Hold("/keys", Issuer.KeySet);
        using var mesh = new PolicyMesh(_server);
        using var gone = new CancellationTokenSource();
        var chain = mesh.Chain($$"""
            apiVersion: security.istio.io/v1
            kind: RequestAuthentication
            metadata: { name: tokens }
            spec: { jwtRules: [{issuer: '{{TokenIssuer.Name}}', jwksUri: 'http://issuer.example/keys'}] }

            """);
        var context = new Gateway.Policies.PolicyContext(PolicyMesh.Request(headers: $"Authorization: Bearer {Issuer.Token()}"));
        var answer = chain.EvaluateAsync(context, gone.Token).AsTask();
        Assert.False(answer.IsCompleted);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    private static async Task<LocalReply?> EvaluateAsync(PolicyMesh mesh, string yaml, RequestHead request) =>
        await mesh.Chain(yaml).EvaluateAsync(new Gateway.Policies.PolicyContext(request), TestContext.Current.CancellationToken);

    private static async Task<WebApplication> StartServerAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.Run(context => context.Response.WriteAsync(Issuer.KeySet));
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Answers as it is told to; with 404 otherwise.</summary>
    private sealed class Server : HttpMessageHandler
    {
        private readonly ConcurrentDictionary<string, Func<CancellationToken, Task<string>>> _answers = new();
        private int _requests;

        public int Requests => Volatile.Read(ref _requests);

        public void Answer(string path, string text) => _answers[path] = _ => Task.FromResult(text);

        public void Fail() => _answers.Clear();

        public TaskCompletionSource Hold(string path, string text)
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _answers[path] = async cancellationToken =>
            {
                await gate.Task.WaitAsync(cancellationToken);
                return text;
            };
            return gate;
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _requests);
            return _answers.TryGetValue(request.RequestUri!.AbsolutePath, out var answer)
                ? new HttpResponseMessage { Content = new StringContent(await answer(cancellationToken), Encoding.UTF8, "application/json") }
                : new HttpResponseMessage(HttpStatusCode.NotFound);
        }
    }
}
