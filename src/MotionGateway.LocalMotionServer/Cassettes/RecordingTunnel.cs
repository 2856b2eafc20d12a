using System.Globalization;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using MotionGateway.LocalMotion.Ingress;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>
/// One recorded connection: two WebSockets and a pump in each direction. An entry is handed to the cassette before the last of its
/// bytes are passed on, so that the order of the lines is the order of cause and effect.
/// </summary>
internal sealed class RecordingTunnel(
    int number, string avatarId, WebSocket client, WebSocket server, MessageRecorder recorder, LocalMotionServerOptions options, ILogger logger)
    : IServedConnection
{
    // Twice what the protocol allows.
    private const int MaxKeptBytes = 16 * 1024 * 1024;

    private int _cuts;
    private volatile bool _stopped;

    /// <summary>Its number in the cassette.</summary>
    public string Id { get; } = number.ToString(CultureInfo.InvariantCulture);

    public string AvatarId => avatarId;

    public DateTimeOffset OpenedAt { get; } = options.TimeProvider.GetUtcNow();

    public long Requests => recorder.Requests;

    public string? FaultName => null;

    private enum PumpEnd
    {
        /// <summary>A close was read and passed on.</summary>
        Closed,

        /// <summary>The side that was read is gone.</summary>
        SourceGone,

        /// <summary>The side that was written is gone; what it has said may still be on its way.</summary>
        TargetGone,
    }

    /// <summary>Passes everything on until both sides have closed or one is gone.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var life = new CancellationTokenSource();
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task<PumpEnd> up = PumpAsync(client, server, CassetteSide.Client, life.Token);
        Task<PumpEnd> down = PumpAsync(server, client, CassetteSide.Server, life.Token);
        using (stopping.Register(() => _stopped = true))
        {
            Task first = await Task.WhenAny(up, down, Task.Delay(Timeout.Infinite, waiting.Token));
            await waiting.CancelAsync();
            if (first != up && first != down)
            {
                await CloseBothAsync();
            }

            if (first == up ? up.Result == PumpEnd.SourceGone : first == down && down.Result == PumpEnd.SourceGone)
            {
                await life.CancelAsync();
            }

            life.CancelAfter(options.CloseTimeout);
            await Task.WhenAll(up, down);
        }

        if (up.Result != PumpEnd.Closed || down.Result != PumpEnd.Closed)
        {
            client.Abort();
            server.Abort();
        }
    }

    private async Task<PumpEnd> PumpAsync(WebSocket from, WebSocket to, string side, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        using var kept = new MemoryStream();
        long length = 0;
        while (true)
        {
            if (await ReceiveAsync(from, side, buffer, cancellationToken) is not { } part)
            {
                return PumpEnd.SourceGone;
            }

            double now = recorder.Now;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return await PassCloseAsync(from, to, side, cancellationToken) ? PumpEnd.Closed : PumpEnd.TargetGone;
            }

            length += part.Count;
            if (length <= MaxKeptBytes)
            {
                kept.Write(buffer, 0, part.Count);
            }

            if (part.EndOfMessage)
            {
                await (length <= MaxKeptBytes
                    ? recorder.MessageAsync(side, now, kept.GetBuffer().AsSpan(0, (int)kept.Length), part.MessageType)
                    : recorder.OmittedAsync(side, now, length, part.MessageType));
                kept.SetLength(0);
                length = 0;
            }

            if (!await SendAsync(side, limit => to.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, limit).AsTask(), cancellationToken))
            {
                return PumpEnd.TargetGone;
            }
        }
    }

    private async Task<bool> PassCloseAsync(WebSocket from, WebSocket to, string side, CancellationToken cancellationToken)
    {
        WebSocketCloseStatus code = from.CloseStatus ?? WebSocketCloseStatus.Empty;
        string? reason = code == WebSocketCloseStatus.Empty ? null : from.CloseStatusDescription;
        if (!_stopped)
        {
            await recorder.CloseAsync(side, code, reason);
        }

        return await SendAsync(side, limit => to.CloseOutputAsync(code, reason, limit), cancellationToken);
    }

    private async Task CloseBothAsync()
    {
        using var limit = new CancellationTokenSource(options.CloseTimeout);
        foreach (WebSocket socket in (WebSocket[])[client, server])
        {
            await SendAsync(
                CassetteSide.Client, until => socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "the recorder is stopping", until), limit.Token);
        }
    }

    private async Task<ValueWebSocketReceiveResult?> ReceiveAsync(WebSocket from, string side, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await from.ReceiveAsync(buffer.AsMemory(), cancellationToken);
        }
        catch (Exception failure) when (IsGone(failure))
        {
            CassetteLog.SideGone(logger, number, side, failure.GetType().Name);
            // One side's end ends the other: only the first is something that happened.
            if (!_stopped && !cancellationToken.IsCancellationRequested && Interlocked.Exchange(ref _cuts, 1) == 0)
            {
                await recorder.CutAsync(side);
            }

            return null;
        }
    }

    /// <summary>Writes; false when the side that is written is gone, or took nothing for <see cref="LocalMotionServerOptions.WriteTimeout"/>.</summary>
    private async Task<bool> SendAsync(string side, Func<CancellationToken, Task> send, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(options.WriteTimeout, options.TimeProvider);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await send(limit.Token);
            return true;
        }
        catch (Exception failure) when (IsGone(failure))
        {
            // The pump of the other direction notices as well, and records it.
            CassetteLog.SideGone(logger, number, side == CassetteSide.Client ? CassetteSide.Server : CassetteSide.Client, failure.GetType().Name);
            return false;
        }
    }

    private static bool IsGone(Exception failure) =>
        failure is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException;
}
