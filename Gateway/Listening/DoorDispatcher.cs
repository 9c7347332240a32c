using Gateway.Admin;
using Gateway.Http1;
using Gateway.Ingress;
using Gateway.Proxy;

namespace Gateway.Listening;

/// <summary>Hands each request to the role that its listener plays.</summary>
internal sealed class DoorDispatcher(IngressDoorHandler ingress, ProxyHandler proxy, AdminHandler admin)
{
    /// <summary>Handles a request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var listener = context.Listener();
        return listener.Door switch
        {
            Door.Ingress => ingress.InvokeAsync(context),
            Door.Admin => admin.InvokeAsync(context),
            _ => proxy.InvokeAsync(context, listener),
        };
    }
}
