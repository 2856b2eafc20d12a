using System.Diagnostics;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>
/// The activity of a client call, with the name and the tags that OpenTelemetry's instrumentation of the official client
/// gives it. SocketsHttpHandler passes its context on as <c>traceparent</c>.
/// </summary>
internal static class ClientActivity
{
    public const string SourceName = "OpenTelemetry.Instrumentation.GrpcNetClient";

    private static readonly ActivitySource Source = new(SourceName);

    public static Activity? Start(IMethod method, Uri address)
    {
        if (Source.CreateActivity("Grpc.Net.Client.GrpcOut", ActivityKind.Client) is not { } activity)
        {
            return null;
        }

        activity.DisplayName = $"{method.ServiceName}/{method.Name}";
        activity.SetTag("rpc.system", "grpc");
        activity.SetTag("rpc.service", method.ServiceName);
        activity.SetTag("rpc.method", method.Name);
        activity.SetTag(address.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 ? "server.socket.address" : "server.address", address.Host);
        activity.SetTag("server.port", address.Port);
        return activity.Start();
    }

    public static void Stop(Activity? activity, Status status)
    {
        if (activity is null)
        {
            return;
        }

        activity.SetTag("rpc.grpc.status_code", (int)status.StatusCode);
        if (status.StatusCode != StatusCode.OK)
        {
            activity.SetStatus(ActivityStatusCode.Error);
        }

        activity.Stop();
    }
}
