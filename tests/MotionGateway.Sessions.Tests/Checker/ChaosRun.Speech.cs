using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

// What the speaker says, rightly and wrongly.
internal sealed partial class ChaosRun
{
    // The reply that the caller is at, or another.
    private Reply Begin()
    {
        if (Current is { IsEnded: false, Left: > 0 } current && (!_isNamed || _random.Next(8) > 0))
        {
            return current;
        }

        if (Current is { IsEnded: false } && !_isNamed)
        {
            EndReply();
        }

        int milliseconds = _random.Next(12) switch { < 2 => _random.Next(1, 90), 11 => _random.Next(5000, 12_000), _ => _random.Next(100, 3000) };
        var speech = _noise.Next(Math.Max(1, (int)((long)milliseconds * _plan.Settings.SampleRate / 500)) + _random.Next(2));
        string name = _isNamed ? $"reply-{++_names}" : "";
        Current = new Reply(name, speech) { VoidAfter = _voidNames.Contains(name) ? 0 : null };
        _log.Replies.Add(Current);
        return Current;
    }

    private void Speak()
    {
        var reply = Begin();
        int most = Math.Min(reply.Left, 150_000);
        int bytes = _random.Next(3) == 0 ? most : _random.Next(1, most + 1);
        Send(reply, bytes, isEnd: bytes == reply.Left && _random.Next(4) > 0);
    }

    private void SpeakWhole()
    {
        if (!_isNamed && Current is { IsEnded: false })
        {
            EndReply();
        }

        Current = null;
        var reply = Begin();
        while (reply.Left > 150_000)
        {
            Send(reply, 150_000, isEnd: false);
        }

        if (!reply.IsEnded)
        {
            Send(reply, reply.Left, isEnd: true);
        }
    }

    private void SpeakLive()
    {
        var reply = Begin();
        int step = _random.Next(40, 200);
        int bytes = (int)((long)step * _plan.Settings.SampleRate / 500);
        for (int i = 0; i < 30 && reply is { IsEnded: false, Left: > 0 } && !Session.IsClosed; i++)
        {
            int now = Math.Min(bytes, reply.Left);
            Send(reply, now, isEnd: now == reply.Left);
            _world.Pass(step);
        }
    }

    private void Send(Reply reply, int bytes, bool isEnd) => Do(() =>
    {
        Tell($"audio {reply.Name} {bytes}{(isEnd ? " end" : "")}");
        var chunk = reply.Next(bytes);
        _speaker.OnSent(reply.Name, bytes);
        reply.IsEnded |= isEnd;

        // What follows from it is read only when it has been noted.
        reply.OnSent(bytes, _world.Now);
        try
        {
            Session.WriteAudio(_simulation.Lease, reply.Name, chunk, isEnd);
        }
        catch (GatewayException refusal)
        {
            Refuse(reply, bytes, refusal.Reason);
        }
    });

    private void Refuse(Reply reply, int bytes, ErrorReason reason)
    {
        Tell($"refused {reason}");
        Coverage.Note("Refused");
        Demand(reason is ErrorReason.TooManyTurns or ErrorReason.AudioCreditExceeded or ErrorReason.ChunkTooLarge, $"Speech is refused because of {reason}.");
        Demand(reason != ErrorReason.AudioCreditExceeded || _plan.Settings.RefuseBeyondCredit, "Speech beyond the credit does not wait.");
        reply.Refuse(bytes, reason);
    }

    private void EndReply()
    {
        if (Current is { IsEnded: false } reply)
        {
            Tell($"end {reply.Name}");
            reply.IsEnded = true;
            Do(() => Session.EndTurn(_simulation.Lease, reply.Name));
        }
    }

    // What a caller does that means nothing.
    private void Slip()
    {
        Tell("slip");
        var reply = Current;
        switch (_random.Next(4))
        {
            case 0:
                Do(() => Session.WriteAudio(_simulation.Lease, reply?.Name ?? "", default, endTurn: false));
                break;
            case 1 when reply is { IsEnded: true, Name.Length: > 0 }:
                Do(() => Session.EndTurn(_simulation.Lease, reply.Name));
                break;
            case 2 when reply is { IsEnded: true, Name.Length: > 0 }:
                _speaker.OnSent(reply.Name, 100);
                Do(() => Session.WriteAudio(_simulation.Lease, reply.Name, new byte[100], endTurn: _random.Next(2) == 0));
                break;
            case 3 when reply is null or { IsEnded: true }:
                Do(() => Session.EndTurn(_simulation.Lease, ""));
                break;
        }
    }

    private void SendTooMuch()
    {
        if (_random.Next(4) == 0)
        {
            var reply = Begin();
            Do(() =>
            {
                Tell($"too large {reply.Name}");
                bool isEnd = _random.Next(3) == 0;
                _speaker.OnSent(reply.Name, 200_001);
                reply.IsEnded |= isEnd;
                reply.Refuse(0, ErrorReason.ChunkTooLarge);
                bool isOver = reply.VoidAfter is not null || (reply.TurnId is { } id && _log.Find(id)?.Ended is not null) || reply.IsHopeless;
                try
                {
                    Session.WriteAudio(_simulation.Lease, reply.Name, new byte[200_001], isEnd);
                    Demand(isOver, "A chunk that is too large is taken.");
                }
                catch (GatewayException refusal)
                {
                    Coverage.Note("Refused");
                    Demand(refusal.Reason == ErrorReason.ChunkTooLarge, $"A chunk that is too large is refused because of {refusal.Reason}.");
                }
            });
        }
    }

    private void SayTone()
    {
        Tell("tone");
        Do(() =>
        {
            // In silence all keyframes are the same.
            int bytes = _plan.Settings.SampleRate;
            var tone = _plan.IsClean ? _noise.Next(bytes) : new byte[bytes];
            try
            {
                Session.Say($"tone-{++_names}", tone.Span);
            }
            catch (GatewayException refusal)
            {
                Demand(refusal.Reason == ErrorReason.TooManyTurns, $"A tone is refused because of {refusal.Reason}.");
            }
        });
    }
}
