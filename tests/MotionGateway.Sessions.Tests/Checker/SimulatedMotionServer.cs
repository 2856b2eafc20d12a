namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>What becomes of a request.</summary>
internal enum RequestFate
{
    Whole,
    EndsInEmptyMessage,
    EndsEarly,
    HasNoKeyframes,
    IsNeverAnswered,
    RunsAhead,
}

/// <summary>A Motion Server that takes audio and makes motion when it is told to, and not always as it should.</summary>
internal sealed class SimulatedMotionServer(Random random, int sampleRate)
{
    private readonly List<Request> _requests = [];
    private int _messages;

    public int FaultPercent { get; init; }

    public bool HasWork => _requests.Exists(request => request.Waiting.Count > 0 || CanAnswer(request));

    /// <summary>Requests that are not answered whole.</summary>
    public IEnumerable<string> Unfinished => _requests.Where(request => !request.IsFinished).Select(request => request.Id);

    /// <summary>Audio is on its way to the server.</summary>
    /// <returns>Whether the server will send no motion before its audio.</returns>
    public bool Send(string requestId, int bytes, bool end)
    {
        var request = _requests.Find(known => known.Id == requestId);
        if (request is null)
        {
            bool isFaulty = random.Next(100) < FaultPercent;
            request = new Request(requestId, isFaulty ? (RequestFate)random.Next(1, 6) : RequestFate.Whole);
            _requests.Add(request);
        }

        request.Waiting.Enqueue((bytes, end));
        return request.Fate != RequestFate.RunsAhead;
    }

    public void Abandon(string requestId) => _requests.RemoveAll(request => request.Id == requestId && random.Next(2) == 0);

    /// <summary>The connection takes the next audio.</summary>
    public (string RequestId, int Bytes)? Take()
    {
        if (_requests.Find(waiting => waiting.Waiting.Count > 0) is not { } request)
        {
            return null;
        }

        var (bytes, end) = request.Waiting.Dequeue();
        request.TakenBytes += bytes;
        request.IsEndTaken |= end;
        return (request.Id, bytes);
    }

    /// <summary>The server sends its next message.</summary>
    public (string RequestId, byte[] Envelope, int Keyframes, bool End)? Answer()
    {
        if (_requests.Find(CanAnswer) is not { } request)
        {
            return null;
        }

        long there = Available(request) - request.Keyframes;
        int keyframes = (int)Math.Min(there, random.Next(1, 12));
        bool isAll = request.IsEndTaken && keyframes == there;
        bool end = request.Fate switch
        {
            RequestFate.EndsEarly => isAll || random.Next(3) == 0,
            RequestFate.EndsInEmptyMessage => there == 0,
            RequestFate.HasNoKeyframes => true,
            _ => isAll,
        };
        keyframes = request.Fate == RequestFate.HasNoKeyframes ? 0 : keyframes;
        request.Keyframes += keyframes;
        request.IsFinished = end;
        byte[] envelope = new byte[random.Next(4, 60)];
        random.NextBytes(envelope);
        BitConverter.TryWriteBytes(envelope, ++_messages);
        return (request.Id, envelope, keyframes, end);
    }

    private static bool IsMute(Request request) => request.IsFinished || request.Fate == RequestFate.IsNeverAnswered;

    private long Available(Request request)
    {
        long keyframes = request.TakenBytes / 2 * 25 / sampleRate;
        keyframes = request.Fate == RequestFate.RunsAhead && request.TakenBytes > 0 ? keyframes + 40 : keyframes;
        return request.IsEndTaken ? Math.Max(1, keyframes) : keyframes;
    }

    private bool CanAnswer(Request request) => !IsMute(request) && request.Fate switch
    {
        RequestFate.EndsInEmptyMessage => request.IsEndTaken || Available(request) > request.Keyframes,
        _ => Available(request) > request.Keyframes,
    };

    private sealed class Request(string id, RequestFate fate)
    {
        public string Id { get; } = id;

        public RequestFate Fate { get; } = fate;

        public Queue<(int Bytes, bool End)> Waiting { get; } = new();

        public long TakenBytes { get; set; }

        public bool IsEndTaken { get; set; }

        public long Keyframes { get; set; }

        public bool IsFinished { get; set; }
    }
}
