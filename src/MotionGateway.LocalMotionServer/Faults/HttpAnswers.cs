namespace MotionGateway.LocalMotion.Faults;

/// <summary>The two ways to strike at an HTTP request.</summary>
internal static class HttpAnswers
{
    /// <summary>Answers the request.</summary>
    public static HttpFault With(Func<HttpExchange, Task> answer) => async exchange =>
    {
        await answer(exchange);
        return true;
    };

    /// <summary>Does something first and then lets the request go on as usual.</summary>
    public static HttpFault After(Func<HttpExchange, Task> first) => async exchange =>
    {
        await first(exchange);
        return false;
    };

    /// <summary>Cuts the TCP connection instead of an answer.</summary>
    public static HttpFault Reset { get; } = With(exchange =>
    {
        exchange.Reset();
        return Task.CompletedTask;
    });
}
