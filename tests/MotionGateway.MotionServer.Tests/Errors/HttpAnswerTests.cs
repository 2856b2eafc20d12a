using System.Net;
using System.Text;

namespace MotionGateway.MotionServer.Tests.Errors;

public sealed class HttpAnswerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(100_000)]
    [InlineData(HttpAnswer.MaxBodyBytes)]
    public async Task Read_BodyThatFits_IsKeptWhole(int length)
    {
        string body = CreateBody(length);

        HttpAnswer answer = await ReadAsync(body);

        Assert.True(answer.IsWhole);
        Assert.Equal(body, answer.Body);
    }

    [Fact]
    public async Task Read_BodyThatIsTooLong_IsKeptUpToTheLimit()
    {
        string body = CreateBody(HttpAnswer.MaxBodyBytes + 1);

        HttpAnswer answer = await ReadAsync(body);

        Assert.False(answer.IsWhole);
        Assert.Equal(body[..^1], answer.Body);
    }

    // No two parts of it are the same.
    private static string CreateBody(int length)
    {
        StringBuilder body = new();
        for (int i = 0; body.Length < length; i++)
        {
            body.Append(i).Append(' ');
        }

        return body.ToString(0, length);
    }

    private static async Task<HttpAnswer> ReadAsync(string body)
    {
        using HttpResponseMessage response = new(HttpStatusCode.OK) { Content = new StringContent(body) };
        return await HttpAnswer.ReadAsync(response, TimeProvider.System, CancellationToken.None);
    }
}
