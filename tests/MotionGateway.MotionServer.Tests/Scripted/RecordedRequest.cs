namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>What a client asked for.</summary>
internal sealed record RecordedRequest(string Query, IReadOnlyDictionary<string, string> Headers);
