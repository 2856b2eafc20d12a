using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Does what the requests of a <c>Speak</c> ask. One that is refused is answered, and the call goes on.</summary>
internal sealed class SpeakRequests(ResponseLoop responses)
{
    private SpeakerLease _lease = null!;

    // Of the speech that came last: the next is as a rule of the same.
    private string _turnId = "";

    public void Start(SpeakerLease lease) => _lease = lease;

    /// <summary>Does what a request asks.</summary>
    /// <param name="request">The request.</param>
    /// <param name="number">Its number in the call, from 1.</param>
    /// <exception cref="GatewayException">The call cannot go on: another has taken its place, or the session is closed.</exception>
    public void Handle(EncodedSpeakRequest request, long number)
    {
        try
        {
            if (request.IsAudio)
            {
                WriteAudio(request);
            }
            else
            {
                Handle(request.Message!);
            }
        }
        catch (GatewayException fault) when (fault.Reason is not (ErrorReason.Superseded or ErrorReason.SessionClosed))
        {
            responses.Post(new SpeakResponse
            {
                Refused = new RequestRefused
                {
                    Request = number,
                    TurnId = fault.Ids.TurnId ?? TurnIdOf(request),
                    Reason = fault.Reason,
                    Field = fault.Field ?? "",
                    Message = fault.Message,
                },
            });
        }
    }

    // What a caller made up is told back only where it can be a name.
    private string TurnIdOf(EncodedSpeakRequest request)
    {
        string id = request.Message switch
        {
            null => request.GetTurnId(_turnId),
            { Audio: { } audio } => audio.TurnId,
            { EndTurn: { } end } => end.TurnId,
            { Interrupt: { } interrupt } => interrupt.TurnId,
            _ => "",
        };
        return Requests.IsName(id) ? id : "";
    }

    private void WriteAudio(EncodedSpeakRequest audio)
    {
        string turnId = audio.GetTurnId(_turnId);
        Requests.ValidateName("audio.turn_id", turnId);
        _turnId = turnId;
        _lease.Session.WriteAudio(_lease, _turnId, audio.Data, audio.EndTurn);
    }

    private void Handle(SpeakRequest request)
    {
        var session = _lease.Session;
        switch (request.RequestCase)
        {
            case SpeakRequest.RequestOneofCase.EndTurn:
                Requests.ValidateName("end_turn.turn_id", request.EndTurn.TurnId);
                session.EndTurn(_lease, request.EndTurn.TurnId);
                break;
            case SpeakRequest.RequestOneofCase.Interrupt:
                Interrupt(request.Interrupt);
                break;
            case SpeakRequest.RequestOneofCase.PausePlayback:
                session.PausePlayback(_lease);
                break;
            case SpeakRequest.RequestOneofCase.ResumePlayback:
                session.ResumePlayback(_lease);
                break;
            case SpeakRequest.RequestOneofCase.ViewerMessage:
                Requests.ValidateText("viewer_message.kind", request.ViewerMessage.Kind, Requests.MaxKindBytes);
                Requests.ValidateText("viewer_message.text", request.ViewerMessage.Text, Requests.MaxTextBytes);
                session.Send(_lease, request.ViewerMessage);
                break;
            case SpeakRequest.RequestOneofCase.Close:
                Close(request.Close);
                break;
            case SpeakRequest.RequestOneofCase.Heartbeat:
                break;
            case SpeakRequest.RequestOneofCase.Open or SpeakRequest.RequestOneofCase.Resume:
                throw Requests.Invalid("request", "The session is open already: open and resume come first, once.");
            default:
                throw Requests.Invalid("request", "The request is empty, or of a kind that this gateway does not know.");
        }
    }

    private void Interrupt(Interrupt interrupt)
    {
        Requests.ValidateName("interrupt.turn_id", interrupt.TurnId);
        Requests.ValidateText("interrupt.reason", interrupt.Reason, Requests.MaxReasonBytes);
        var scope = Requests.ValidateEnum("interrupt.scope", interrupt.Scope);
        var result = _lease.Session.Interrupt(_lease, interrupt.TurnId, scope, interrupt.Reason);
        responses.Post(new SpeakResponse { InterruptAcknowledged = Requests.ToMessage(result) });
    }

    private void Close(CloseSession close)
    {
        Requests.ValidateText("close.reason", close.Reason, Requests.MaxReasonBytes);
        if (close.WhenHeard)
        {
            _lease.Session.Finish(_lease);
        }
        else
        {
            _lease.Session.Close(_lease, close.Reason);
        }
    }
}
