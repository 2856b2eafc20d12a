using System.Net.WebSockets;

namespace MotionGateway.MotionServer;

/// <summary>A WebSocket that was just opened, and the bytes that it reads.</summary>
internal readonly record struct UpgradedSocket(WebSocket Socket, LastBytesStream Received);
