using System.Text;
using Microsoft.Playwright;

namespace Dashboard.Tests.Browser;

/// <summary>The line between a page and its server, which can be made to keep what the server says until the test lets it through.</summary>
internal sealed class SlowLine
{
    private readonly Lock _gate = new();
    private readonly List<IWebSocketFrame> _held = [];
    private IWebSocketRoute? _page;
    private bool _isHeld;

    private SlowLine()
    {
    }

    /// <summary>Makes the line; to be called before the page is opened.</summary>
    public static async Task<SlowLine> OfAsync(IPage page)
    {
        var line = new SlowLine();
        await page.RouteWebSocketAsync("**/_blazor**", line.Connect);
        return line;
    }

    /// <summary>Keeps from here on what the server says.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _isHeld = true;
        }
    }

    /// <summary>Whether something with this text is being kept.</summary>
    public bool Holds(string text)
    {
        lock (_gate)
        {
            return _held.Exists(frame => (frame.Binary ?? []).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);
        }
    }

    /// <summary>Lets through what has been kept, and from here on everything.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _isHeld = false;
            _held.ForEach(Pass);
            _held.Clear();
        }
    }

    private void Connect(IWebSocketRoute page)
    {
        _page = page;
        page.ConnectToServer().OnMessage(frame =>
        {
            lock (_gate)
            {
                if (_isHeld)
                {
                    _held.Add(frame);
                }
                else
                {
                    Pass(frame);
                }
            }
        });
    }

    private void Pass(IWebSocketFrame frame)
    {
        if (frame.Binary is { } binary)
        {
            _page!.Send(binary);
        }
        else
        {
            _page!.Send(frame.Text!);
        }
    }
}
