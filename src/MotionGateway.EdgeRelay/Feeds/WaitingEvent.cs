using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>A viewer event that waits for the gateway.</summary>
/// <param name="Event">The event, which tells the speaker what was lost before it.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Since">When it came, in the timestamps of the clock.</param>
internal sealed record WaitingEvent(ViewerEvent Event, int Bytes, long Since)
{
    /// <summary>What a later one of the same makes void: of interrupts and of playback reports only one per viewer and turn waits.</summary>
    public (string ViewerId, string TurnId) Key => (Event.ViewerId, Event.EventCase switch
    {
        ViewerEvent.EventOneofCase.Interrupt => Event.Interrupt.TurnId,
        ViewerEvent.EventOneofCase.Playback => Event.Playback.TurnId,
        _ => "",
    });

    public bool IsMicrophone => Event.EventCase == ViewerEvent.EventOneofCase.MicrophoneAudio;

    public bool IsInterrupt => Event.EventCase == ViewerEvent.EventOneofCase.Interrupt;
}
