using Gateway.Admin;
using Gateway.Ingress;
using Gateway.Proxy;

namespace Gateway.Listening;

/// <summary>Hands each request to the role that its listener plays.</summary>
internal sealed class DoorDispatcher(IngressDoorHandler ingress, ProxyHandler proxy, AdminHandler admin)
{
    /// <summary>Handles a request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var listener = context.Features.Get<DoorListener>()!;
        return listener.Door switch
        {
            Door.Ingress => ingress.InvokeAsync(context),
            Door.Admin => admin.InvokeAsync(context),
            _ => proxy.InvokeAsync(context, listener),
        };
    }
}
