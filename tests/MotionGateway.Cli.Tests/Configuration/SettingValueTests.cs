using MotionGateway.Cli.Configuration;

namespace MotionGateway.Cli.Tests.Configuration;

public sealed class SettingValueTests
{
    [Theory]
    [InlineData("00:00:00", "0s")]
    [InlineData("00:00:00.500", "500ms")]
    [InlineData("00:01:30", "90s")]
    [InlineData("00:10:00", "10m")]
    [InlineData("1.00:00:00", "1d")]
    [InlineData("00:00:00.0000001", "00:00:00.0000001")]
    [InlineData("-00:00:01", "-1s")]
    public void Format_Time_IsWhatIsParsedBack(string time, string text)
    {
        var value = TimeSpan.Parse(time, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(text, SettingValue.Format(value));
        Assert.True(SettingValue.TryParse(text, typeof(TimeSpan), out object? parsed, out _));
        Assert.Equal(value, parsed);
    }
}
