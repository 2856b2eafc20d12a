using MotionGateway.LocalMotion.Audio;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>What a client sends after its configuration: audio and controls. What cannot be used is reported, and the connection stays.</summary>
internal sealed class ClientMessageHandler(IngressConnection connection, AudioIntake intake, IngressContext context) : IDisposable
{
    public async Task HandleAsync(ReceivedMessage received)
    {
        if (received.Kind == ReceivedKind.Text)
        {
            context.Counters.MessageSkipped();
            return;
        }

        context.Counters.MessageReceived();
        if (MessageBytes.TryParse(received.Payload.Span) is not { } message)
        {
            await ReportAsync(Refusals.InvalidArgument, "failed to unmarshal message");
            return;
        }

        await DispatchAsync(message);
    }

    public void Dispose() => intake.Dispose();

    private async ValueTask DispatchAsync(Message message)
    {
        switch (message.Type)
        {
            case MessageType.MessageClientAudioInput when message.ClientAudioInput is { ReqId.Length: > 0 } audio:
                await TakeAudioAsync(audio);
                break;
            case MessageType.MessageClientAudioInput:
                await ReportAsync(Refusals.InvalidArgument, "audio input without req_id");
                break;
            case MessageType.MessageClientInterrupt when message.ClientInterrupt is { } interrupt:
                await intake.InterruptAsync(interrupt.ReqId);
                break;
            case MessageType.MessageClientPause when intake.Controls is { } controls && message.ClientPause is { } pause:
                await controls.PauseAsync(pause.ReqId);
                break;
            case MessageType.MessageClientResume when intake.Controls is { } controls && message.ClientResume is { } resume:
                await controls.ResumeAsync(resume.ReqId);
                break;
            case MessageType.MessageClientPause or MessageType.MessageClientResume:
                await ReportAsync(Refusals.Unimplemented, "playback control is not available on this connection");
                break;
            default:
                context.Counters.MessageSkipped();
                break;
        }
    }

    private async ValueTask TakeAudioAsync(ClientAudioInput audio)
    {
        connection.Touch();
        await connection.BeforeAudioAsync(audio.ReqId);
        switch (await intake.TakeAsync(audio))
        {
            case AudioOutcome.TooManyRequests:
                await ReportAsync(Refusals.ResourceExhausted, "too many requests are open", audio.ReqId);
                break;
            case AudioOutcome.RequestTooLong:
                string longest = FormattableString.Invariant($"request is longer than {context.Options.MaxRequestDuration.TotalSeconds:0.###} s");
                await ReportAsync(Refusals.ResourceExhausted, longest, audio.ReqId);
                break;
            case AudioOutcome.Malformed:
                await ReportAsync(Refusals.InvalidArgument, intake.Problem, audio.ReqId);
                break;
            case AudioOutcome.BufferFull:
                await connection.EndAsync(Ending.With(
                    Refusals.ResourceExhausted, Refusals.CloseRequestAtFault, "too much audio is waiting for its motion", audio.ReqId));
                break;
            case AudioOutcome.Taken:
                break;
            default:
                context.Counters.MessageSkipped();
                break;
        }
    }

    private ValueTask ReportAsync(int code, string text, string requestId = "")
    {
        context.Counters.MessageSkipped();
        IngressLog.Reported(context.Logger, connection.Id, text);
        return connection.SendErrorAsync(Refusals.Error(code, text, requestId));
    }
}
