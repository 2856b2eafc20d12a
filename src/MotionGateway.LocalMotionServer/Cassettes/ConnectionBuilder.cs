using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>Follows one recorded connection from line to line.</summary>
internal sealed class ConnectionBuilder(RecordedConnection connection, double openedMs)
{
    private readonly List<Progress> _requests = [];
    private Progress _current = new(connection.Opening, openedMs);
    private bool _isConfigured;
    private bool _isOver;

    public void Add(CassetteEntry entry, bool fromClient)
    {
        // After the first goodbye of either side only the answer to it can come.
        if (_isOver)
        {
            return;
        }

        if (!fromClient)
        {
            AddServer(entry);
        }
        else if (entry is { Kind: CassetteKind.Message, Data: not null } && MessageBytes.TryParse(entry.Data) is { } message)
        {
            AddClient(entry, message);
        }

        _isOver = entry.Kind is CassetteKind.Close or CassetteKind.Cut;
    }

    private void AddClient(CassetteEntry entry, Message message)
    {
        if (!_isConfigured)
        {
            _isConfigured = true;
            connection.SampleRate = message.ClientConfigureSession?.SampleRate ?? 0;
            _current = new Progress(connection.Handshake, entry.Ms);
        }

        switch (message)
        {
            case { ClientAudioInput: { ReqId.Length: > 0 } audio }:
                _current = Find(audio.ReqId) is { HasEnded: false } open ? open : Begin(audio.ReqId, entry.Ms);
                _current.Audio(audio.Audio.Length, audio.End, entry.Ms);
                break;
            case { ClientInterrupt: { } interrupt }:
                Control(interrupt.ReqId, AnchorKind.Interrupt, entry.Ms);
                break;
            case { ClientPause: { } pause }:
                Control(pause.ReqId, AnchorKind.Pause, entry.Ms);
                break;
            case { ClientResume: { } resume }:
                Control(resume.ReqId, AnchorKind.Resume, entry.Ms);
                break;
        }
    }

    private void AddServer(CassetteEntry entry)
    {
        if (entry.Kind is CassetteKind.Message or CassetteKind.Text && entry.Data is null)
        {
            return;
        }

        string requestId = "";
        if (entry is { Kind: CassetteKind.Message, Data: not null } && MessageBytes.TryParse(entry.Data) is { } message)
        {
            (string connectionId, requestId) = message switch
            {
                { ServerConfirmSession: { } confirm } => (confirm.ConnectionId, ""),
                { ServerResponseAnimation: { } animation } => (animation.ConnectionId, animation.ReqId),
                { ServerError: { } error } => (error.ConnectionId, error.ReqId),
                { ServerPlaybackState: { } state } => (state.ConnectionId, state.ReqId),
                _ => ("", ""),
            };
            connection.ConnectionId = connection.ConnectionId.Length > 0 ? connection.ConnectionId : connectionId;
        }

        (Find(requestId) ?? _current).Add(entry);
    }

    private void Control(string requestId, AnchorKind kind, double ms)
    {
        if (Find(requestId) is { } request)
        {
            request.Control(kind, ms);
            _current = request;
        }
    }

    private Progress Begin(string requestId, double ms)
    {
        var recorded = new RecordedRequest(requestId);
        connection.Requests.Add(recorded);
        var progress = new Progress(recorded, ms);
        _requests.Add(progress);
        return progress;
    }

    private Progress? Find(string requestId) => _requests.FindLast(request => request.Recorded.Id == requestId);

    /// <summary>How far the client had come with a request.</summary>
    private sealed class Progress(RecordedRequest recorded, double beginMs)
    {
        private readonly double _startMs = beginMs;
        private readonly Dictionary<AnchorKind, int> _controls = [];
        private Anchor _anchor;
        private double _anchorMs = beginMs;
        private long _bytes;

        public RecordedRequest Recorded => recorded;

        public bool HasEnded { get; private set; }

        public void Audio(int bytes, bool end, double ms)
        {
            _bytes += bytes;
            HasEnded = end;
            _anchor = end ? new Anchor(AnchorKind.End, 0) : new Anchor(AnchorKind.Audio, _bytes);
            // Times within the audio count from its begin, so that a client that sends faster does not hear it all at once.
            _anchorMs = end ? ms : _startMs;
        }

        public void Control(AnchorKind kind, double ms)
        {
            int count = _controls[kind] = _controls.GetValueOrDefault(kind) + 1;
            _anchor = new Anchor(kind, count);
            _anchorMs = ms;
        }

        public void Add(CassetteEntry entry) => recorded.Events.Add(new RecordedEvent
        {
            Kind = entry.Kind switch
            {
                CassetteKind.Message => EventKind.Message,
                CassetteKind.Text => EventKind.Text,
                CassetteKind.Close => EventKind.Close,
                _ => EventKind.Cut,
            },
            Anchor = _anchor,
            Delay = TimeSpan.FromMilliseconds(Math.Max(0, entry.Ms - _anchorMs)),
            Data = entry.Data ?? [],
            Code = entry.Code ?? 1000,
            Reason = entry.Reason ?? "",
        });
    }
}
