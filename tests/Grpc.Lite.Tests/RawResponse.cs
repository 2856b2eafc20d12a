namespace Grpc.Lite.Tests;

/// <summary>A response that is encoded already.</summary>
/// <param name="Head">The first bytes.</param>
/// <param name="Tail">The other bytes.</param>
/// <param name="TellsLength">Whether the marshaller tells the length first.</param>
public sealed record RawResponse(byte[] Head, byte[] Tail, bool TellsLength);
