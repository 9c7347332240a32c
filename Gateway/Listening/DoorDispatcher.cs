using Gateway.Ingress;
using Gateway.Proxy;

namespace Gateway.Listening;

/// <summary>Hands each request to the role that its listener plays.</summary>
internal sealed class DoorDispatcher(IngressDoorHandler ingress, ProxyHandler proxy)
{
    /// <summary>Handles a request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var listener = context.Features.Get<DoorListener>()!;
        return listener.Door == Door.Ingress ? ingress.InvokeAsync(context) : proxy.InvokeAsync(context, listener);
    }
}
