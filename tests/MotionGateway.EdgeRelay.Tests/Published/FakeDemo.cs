namespace MotionGateway.EdgeRelay.Tests.Published;

/// <summary>A demo whose sessions are those of the fake gateway; a clip is a tenth of a second.</summary>
internal sealed class FakeDemo(int maxSessions = 8) : IDemoSessions
{
    private int _count;

    public RelayUnderTest? Test { get; set; }

    public int Open;

    public IReadOnlyList<string> Clips => ["welcome"];

    public string AppId => "app";

    public string AvatarId => "avatar";

    public Task<IDemoSession?> OpenAsync(CancellationToken cancellationToken)
    {
        if (_count >= maxSessions)
        {
            return Task.FromResult<IDemoSession?>(null);
        }

        Interlocked.Increment(ref Open);
        string id = $"demo-{++_count}";
        return Task.FromResult<IDemoSession?>(new FakeDemoSession(this, Test!.AddSession(id), Test.Token(id)));
    }

    private sealed class FakeDemoSession(FakeDemo demo, FakeSession session, string token) : IDemoSession
    {
        private int _said;

        public string SessionId => session.Id;

        public string ViewerToken => token;

        public IReadOnlyList<string> Clips => demo.Clips;

        public bool TrySay(string clip)
        {
            string turnId = $"{clip}-{++_said}";
            session.Start(turnId);
            session.Audio(turnId, 3200);
            session.Motion(turnId, 0, 2, last: true);
            session.Seal(turnId);
            return true;
        }

        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref demo.Open);
            return ValueTask.CompletedTask;
        }
    }
}
