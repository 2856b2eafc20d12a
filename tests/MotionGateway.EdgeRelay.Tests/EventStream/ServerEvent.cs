using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.EventStream;

/// <summary>An event as a browser reads it from a stream.</summary>
/// <param name="Type"><c>message</c> unless the stream names another.</param>
/// <param name="LastId">What the browser would send when it comes back.</param>
/// <param name="Data">The data.</param>
/// <param name="RetryMs">When it would come back; null where the stream has not said it.</param>
internal sealed record ServerEvent(string Type, string LastId, string Data, int? RetryMs)
{
    public SubscribeResponse Response => Google.Protobuf.JsonParser.Default.Parse<SubscribeResponse>(Data);
}
